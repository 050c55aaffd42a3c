import { useMemo } from "preact/hooks";
import { CURRENCY, chosenCurrency, currenciesOf, inCurrency } from "../../logic/currencies";
import { FilterChips } from "../../parts/filter-chips";
import { RangePicker } from "../../parts/range-picker";
import { Select } from "../../parts/select";
import { isAnswered, useAnswer } from "../../parts/use-answer";
import { useQuestion } from "../../parts/use-question";
import { ZonePicker } from "../../parts/zone-picker";
import { useServices } from "../../services";
import { ViewHead } from "../../shell/view-head";
import { type Sums, sumsOf } from "../../wire/usage";
import { Daily } from "./daily";
import { FirstSight } from "./first-sight";
import { Leaders } from "./leaders";
import {
  CHART_GROUPS,
  countsOf,
  frameOf,
  historyHasRhythm,
  historyQuery,
  leadersQuery,
  rhythmQuery,
} from "./questions";
import { Remarks } from "./remarks";
import { remarkable } from "./rhythm";
import { Tiles } from "./tiles";
import { useFirstEvent } from "./use-first-event";
import "./overview.css";

const LISTS = [
  { title: "Models", dimension: "model" },
  { title: "Projects", dimension: "project_id" },
  { title: "Users", dimension: "user_id" },
  { title: "Keys", dimension: "api_key_id" },
] as const;

const NOTHING: Sums = { buckets: [], unpricedEvents: null };

/** What was spent, where it went, and where it is going. */
export function Overview() {
  const first = useFirstEvent();
  if (first === "none") return <FirstSight />;
  return <Spending since={first === "unknown" ? null : first.time} />;
}

interface SpendingProps {
  /** When the ledger began, in Unix seconds; null while that is not known. */
  readonly since: number | null;
}

function Spending({ since }: SpendingProps) {
  const { wire, clock, zone: ownZone } = useServices();
  const { state: question, change, key } = useQuestion();
  // The clock is read anew for each question, and stands still while one looks at its answer.
  const now = useMemo(clock, [key]);
  const { zone, where } = question;
  const shared = JSON.stringify([zone, [...where].filter(([dimension]) => dimension !== CURRENCY)]);
  const history = useAnswer(shared, (signal) =>
    sumsOf(wire, historyQuery(frameOf(question, now, null)), signal),
  );

  const currencies = useMemo(() => currenciesOf(history.value ?? NOTHING), [history.value]);
  const currency = chosenCurrency(currencies, where);
  const frame = useMemo(
    () => frameOf(question, now, currencies.length > 1 ? currency : null),
    [key, now, currencies, currency],
  );
  // What has two currencies is not added up: the others wait until it is known which there are.
  const isKnown = history.value !== null || history.fault !== null;
  const frameKey = JSON.stringify([shared, frame.span, frame.width, currency]);
  const costs = useAnswer(isKnown ? `${frame.dimension} ${frameKey}` : null, (signal) =>
    sumsOf(wire, leadersQuery(frame, frame.dimension, CHART_GROUPS), signal),
  );
  const counts = useAnswer(
    isKnown ? JSON.stringify([shared, frame.span, frame.width]) : null,
    (signal) => countsOf(wire, frame, signal),
  );
  // What is seen first is asked for first: a server answers few questions at a time.
  const isSeen = isAnswered(costs) && isAnswered(counts);
  const asksRhythm = isKnown && !historyHasRhythm(frame);
  const asked = useAnswer(asksRhythm ? frameKey : null, (signal) =>
    sumsOf(wire, rhythmQuery(frame), signal),
  );
  const rhythm = asksRhythm ? asked : history;
  const anomalies = useMemo(
    () =>
      rhythm.value && !rhythm.isWaiting
        ? remarkable(inCurrency(rhythm.value, currency), frame)
        : [],
    [rhythm.value, rhythm.isWaiting, frame, currency],
  );

  return (
    <>
      <ViewHead
        title="Overview"
        tools={
          <>
            {currencies.length > 1 && (
              <Select
                label="Currency"
                options={currencies.map((value) => ({ value, label: value.toUpperCase() }))}
                value={currency}
                onChange={(chosen) => change({ where: new Map([...where, [CURRENCY, [chosen]]]) })}
              />
            )}
            <ZonePicker
              zone={zone}
              ownZone={ownZone}
              onChange={(chosen) => change({ zone: chosen })}
            />
            <RangePicker
              range={question.range}
              zone={zone}
              now={frame.now}
              onChange={(range) => change({ range })}
            />
          </>
        }
      />
      <FilterChips filters={where} onChange={(filters) => change({ where: filters })} />
      <Tiles {...{ frame, history, costs, counts, since, currency }} />
      <Daily
        {...{ frame, costs, anomalies }}
        onDimension={(dimension) => change({ by: [dimension, ...question.by.slice(1)] })}
        onBrush={(span) => change({ range: { span } })}
      />
      <Remarks {...{ anomalies, frame, currency }} frameKey={`${frame.dimension} ${frameKey}`} />
      <div class="leaders">
        {LISTS.map(({ title, dimension }) => (
          <Leaders
            key={dimension}
            {...{ title, dimension, frame, since }}
            frameKey={isSeen ? frameKey : null}
          />
        ))}
      </div>
    </>
  );
}
