import type Big from "big.js";
import { Swatch } from "../../charts/legend";
import { colourOf } from "../../charts/palette";
import type { DrawnSeries } from "../../charts/series";
import { groupId, seriesOf } from "../../charts/series";
import { Sparkline } from "../../charts/sparkline";
import { currencyOf } from "../../logic/currencies";
import { Awaiting } from "../../parts/awaiting";
import { Card } from "../../parts/card";
import { ChangeNote } from "../../parts/change-note";
import { Empty, SkeletonBlock } from "../../parts/states";
import { type Column, Table } from "../../parts/table";
import { useAnswer } from "../../parts/use-answer";
import { useLabels } from "../../parts/use-labels";
import { formatExact, formatMoney, sum } from "../../quantities/money";
import { changeOf, formatShare, shareOf } from "../../quantities/shares";
import { useServices } from "../../services";
import { wholeSpan } from "../../state/ranges";
import { AMOUNT, type Sums, sumsOf } from "../../wire/usage";
import { useWayIn } from "../explore/way-in";
import { drawnSeries } from "./drawn";
import { beforeQuery, type Frame, LEADERS, leadersQuery } from "./questions";

export interface LeadersProps {
  readonly title: string;
  readonly dimension: string;
  readonly frame: Frame;
  /** What the frame is told apart by; null while it is not known whole. */
  readonly frameKey: string | null;
  /** When the ledger began, in Unix seconds; null while that is not known. */
  readonly since: number | null;
}

/** What cost the most, by one dimension. */
export function Leaders({ title, dimension, frame, frameKey, since }: LeadersProps) {
  const { wire } = useServices();
  const answer = useAnswer(frameKey && `${dimension} ${frameKey}`, (signal) =>
    sumsOf(wire, leadersQuery(frame, dimension, LEADERS), signal),
  );
  return (
    <Card title={title}>
      <Awaiting
        answer={answer}
        label={`Loading ${title.toLowerCase()}`}
        skeleton={
          <div class="leaders-waiting">
            <SkeletonBlock label={`Loading ${title.toLowerCase()}`} />
          </div>
        }
      >
        {(sums) => (
          <List
            {...{ title, dimension, frame, sums, since }}
            frameKey={`${dimension} ${frameKey}`}
          />
        )}
      </Awaiting>
    </Card>
  );
}

interface ListProps extends LeadersProps {
  readonly sums: Sums;
}

function List({ title, dimension, frame, frameKey, sums, since }: ListProps) {
  const { wire, colours } = useServices();
  const labelOf = useLabels();
  const wayIn = useWayIn(dimension);
  const series = drawnSeries(sums, dimension, colours, labelOf);
  const named = series.flatMap(({ keys: [key] }) => (typeof key === "string" ? [key] : []));
  const query = beforeQuery(frame, sums.buckets, dimension, named);
  // What the ledger did not see from its start on says nothing about a change.
  const isComparable = query !== null && since !== null && since <= query.start;
  const before = useAnswer(
    isComparable ? `${frameKey} ${named.join(" ")}` : null,
    async (signal) =>
      query ? totalsOf(await sumsOf(wire, query, signal)) : new Map<string, Big>(),
  );
  if (series.length === 0) return <Empty title="Nothing was spent in this range" />;

  const hrefOf = ({ keys: [key = null], isOther }: DrawnSeries): string | null =>
    isOther ? null : wayIn.hrefOf(key, frame.span);
  const whole = wholeSpan(sums.buckets, frame.now);
  const total = sum(series.map((each) => each.total));
  const currency = currencyOf(sums);
  const columns: readonly Column<DrawnSeries>[] = [
    { key: "name", title: "Name", cell: (each) => <Name series={each} href={hrefOf(each)} /> },
    {
      key: "cost",
      title: "Cost",
      isNumber: true,
      cell: ({ total: amount }) => (
        <span title={formatExact(amount, currency)} data-exact={formatExact(amount, currency)}>
          {formatMoney(amount, currency)}
        </span>
      ),
    },
    {
      key: "share",
      title: "Share",
      isNumber: true,
      cell: (each) => formatShare(shareOf(each.total, total)),
    },
    {
      key: "change",
      title: "Change",
      isNumber: true,
      cell: (each) => (
        <Change {...{ each, before: before.value }} during={wholeTotal(each, sums, whole?.end)} />
      ),
    },
    {
      key: "trend",
      title: "Trend",
      cell: (each) => (
        <Sparkline
          values={wholeValues(each, sums, whole?.end).map(Number)}
          width={64}
          colour={colourOf(each.slot)}
        />
      ),
    },
  ];
  return <Table caption={title} columns={columns} rows={series} keyOf={(each) => each.id} />;
}

interface NameProps {
  readonly series: DrawnSeries;
  /** Where one sees what is in it; null where nothing leads on. */
  readonly href: string | null;
}

function Name({ series, href }: NameProps) {
  const [key] = series.keys;
  return (
    <span class="leader-name" title={typeof key === "string" ? key : undefined}>
      <Swatch slot={series.slot} />
      {href === null ? (
        <span class="clipped">{series.label}</span>
      ) : (
        <a class="line-link clipped" href={href}>
          {series.label}
        </a>
      )}
    </span>
  );
}

interface ChangeProps {
  readonly each: DrawnSeries;
  readonly before: ReadonlyMap<string, Big> | null;
  /** What the group had in the buckets that are over. */
  readonly during: Big;
}

function Change({ each, before, during }: ChangeProps) {
  const [key] = each.keys;
  if (!before || typeof key !== "string" || each.isOther) return <span class="quiet">–</span>;
  return <ChangeNote change={changeOf(during, before.get(each.id) ?? sum([]))} />;
}

function wholeTotal(series: DrawnSeries, { buckets }: Pick<Sums, "buckets">, end = 0): Big {
  return sum(wholeValues(series, { buckets }, end));
}

/** What a group had in the buckets that end by a moment. */
function wholeValues(
  series: DrawnSeries,
  { buckets }: Pick<Sums, "buckets">,
  end = 0,
): readonly Big[] {
  return series.values.filter((_, at) => (buckets[at]?.end ?? 0) <= end);
}

function totalsOf(sums: Sums): ReadonlyMap<string, Big> {
  return new Map(
    seriesOf(sums, AMOUNT).map(({ keys, isOther, total }) => [groupId(keys, isOther), total]),
  );
}
