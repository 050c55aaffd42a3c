import Big from "big.js";
import { seriesOf } from "../../charts/series";
import { type Anomaly, driverOf } from "../../logic/anomalies";
import { Card } from "../../parts/card";
import { Failure, SkeletonLine } from "../../parts/states";
import { useAnswer } from "../../parts/use-answer";
import { useLabels } from "../../parts/use-labels";
import { formatMoney } from "../../quantities/money";
import { formatBucket } from "../../quantities/times";
import { useServices } from "../../services";
import { WIDTH_SECONDS } from "../../state/ranges";
import { AMOUNT, type Sums, sumsOf } from "../../wire/usage";
import { driversQuery, type Frame, rhythmWidth } from "./questions";
import { rhythmOf } from "./rhythm";

export interface RemarksProps {
  readonly anomalies: readonly Anomaly[];
  readonly frame: Frame;
  readonly frameKey: string;
  readonly currency: string;
}

/** So many are shown, the most remarkable ones. */
const SHOWN_MAX = 4;

/** What was far from its rhythm, and what drove it. Nothing when nothing was. */
export function Remarks({ anomalies, frame, frameKey, currency }: RemarksProps) {
  if (anomalies.length === 0) return null;
  const isHourly = rhythmWidth(frame) === "1h";
  return (
    <Card
      title="Remarkable"
      note={`${isHourly ? "hours" : "days"} that are far from their weekday's rhythm`}
    >
      <ul class="remarks">
        {anomalies.slice(0, SHOWN_MAX).map((anomaly) => (
          <Remark key={anomaly.start} {...{ anomaly, frame, frameKey, currency }} />
        ))}
      </ul>
    </Card>
  );
}

interface RemarkProps extends Omit<RemarksProps, "anomalies"> {
  readonly anomaly: Anomaly;
}

function Remark({ anomaly, frame, frameKey, currency }: RemarkProps) {
  const { wire } = useServices();
  const labelOf = useLabels();
  const answer = useAnswer(`${anomaly.start} ${frameKey}`, (signal) =>
    sumsOf(wire, driversQuery(frame, anomaly.start), signal),
  );
  const money = (amount: number) => formatMoney(new Big(amount.toFixed(6)), currency);
  const width = rhythmWidth(frame);
  const isAbove = anomaly.value > anomaly.usual;
  const driver = answer.value && driverIn(answer.value, anomaly, frame);
  return (
    <li class="remark">
      <span>
        {formatBucket(anomaly.start, anomaly.start + WIDTH_SECONDS[width], width, frame.zone)}
      </span>
      <span class="remark-amount">{money(anomaly.value)}</span>
      <span>
        {isAbove ? "far above" : "far below"} the usual {money(anomaly.usual)}
        {answer.fault && <Failure fault={answer.fault} onRetry={answer.retry} />}
        {!answer.value && !answer.fault && <SkeletonLine />}
        {driver && (
          <>
            , driven by <strong>{labelOf(frame.dimension, driver.key)}</strong> (
            {money(driver.value)}
            {" instead of "}
            {money(driver.usual)})
          </>
        )}
      </span>
    </li>
  );
}

function driverIn(sums: Sums, anomaly: Anomaly, frame: Frame) {
  const at = sums.buckets.findIndex((bucket) => bucket.start === anomaly.start);
  const rhythm = rhythmOf(anomaly.start, frame);
  const series = seriesOf(sums, AMOUNT).filter((each) => !each.isOther);
  const driver = driverOf(
    series.map((each) => ({
      id: each.id,
      value: Number(each.values[at] ?? 0),
      others: each.values
        .filter((_, index) => {
          const bucket = sums.buckets[index];
          return index !== at && bucket !== undefined && rhythmOf(bucket.start, frame) === rhythm;
        })
        .map(Number),
    })),
    anomaly.value > anomaly.usual,
  );
  const found = driver && series.find((each) => each.id === driver.id);
  return driver && found ? { ...driver, key: found.keys[0] ?? null } : null;
}
