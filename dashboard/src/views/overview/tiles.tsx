import type Big from "big.js";
import { inCurrency } from "../../logic/currencies";
import { monthOutlook } from "../../logic/forecast";
import { ChangeNote } from "../../parts/change-note";
import { Failure } from "../../parts/states";
import { Tile } from "../../parts/tile";
import type { Awaited } from "../../parts/use-answer";
import { formatCount, formatCountShort } from "../../quantities/counts";
import { formatExact, formatMoney, sum } from "../../quantities/money";
import { changeOf } from "../../quantities/shares";
import { formatDate, formatDay } from "../../quantities/times";
import type { Sums } from "../../wire/usage";
import { amountsOf, type Counts, type Frame } from "./questions";

export interface TilesProps {
  readonly frame: Frame;
  /** Costs by day, from the beginning of last month at the latest. */
  readonly history: Awaited<Sums>;
  /** Costs of the frame. */
  readonly costs: Awaited<Sums>;
  readonly counts: Awaited<Counts>;
  readonly currency: string;
  /** When the ledger began, in Unix seconds; null while that is not known. */
  readonly since: number | null;
}

/** The numbers that one comes for. */
export function Tiles({ frame, history, costs, counts, since, currency }: TilesProps) {
  const { start, end } = frame.span;
  const isComparable = since !== null && since <= start - (end - start);
  if (history.fault) return <Failure fault={history.fault} onRetry={history.retry} />;
  return (
    <div class="tiles">
      <MonthTiles {...{ frame, since, currency }} history={history.value} />
      <CountTile
        title="Requests"
        values={counts.value?.requests ?? null}
        before={counts.value?.requestsBefore ?? null}
        isComparable={isComparable}
        failure={counts.fault?.message}
      />
      <CountTile
        title="Tokens"
        values={counts.value?.tokens ?? null}
        before={counts.value?.tokensBefore ?? null}
        isComparable={isComparable}
        failure={counts.fault?.message}
      />
      <UnpricedTile costs={costs.value} />
    </div>
  );
}

interface MonthTilesProps extends Pick<TilesProps, "frame" | "since" | "currency"> {
  readonly history: Sums | null;
}

function MonthTiles({ frame, history, since, currency }: MonthTilesProps) {
  if (!history) {
    return (
      <>
        <Tile title="Spent this month" figure={null} />
        <Tile title="Forecast" figure={null} />
        <Tile title="Today so far" figure={null} />
      </>
    );
  }
  const amounts = amountsOf(inCurrency(history, currency).buckets);
  const days = history.buckets.map(({ start, end }, at) => ({
    start,
    end,
    amount: amounts[at] ?? sum([]),
  }));
  const month = monthOutlook(days, frame.now, frame.zone);
  const money = (amount: Big) => formatMoney(amount, currency);
  const recent = amounts.slice(-31, -1).map(Number);
  return (
    <>
      <Tile
        title="Spent this month"
        figure={money(month.spent)}
        exact={formatExact(month.spent, currency)}
        note={
          since !== null && since <= month.lastStart ? (
            <>
              <ChangeNote change={changeOf(month.spent, month.lastMonthSoFar)} /> on the same days
              of last month
            </>
          ) : (
            since !== null && `the ledger began on ${formatDate(since, frame.zone)}`
          )
        }
      />
      <Tile
        title={`Forecast to ${formatDay(month.end - 1, frame.zone)}`}
        figure={month.forecast ? money(month.forecast) : "\u2013"}
        exact={month.forecast ? formatExact(month.forecast.round(12), currency) : undefined}
        note={
          month.forecast
            ? `by weekday; last month ${money(month.lastMonth)}`
            : "after the first whole day"
        }
      />
      <Tile
        title="Today so far"
        figure={money(month.today)}
        exact={formatExact(month.today, currency)}
        note={amounts.length > 1 ? `yesterday ${money(amounts.at(-2) ?? sum([]))}` : "\u00a0"}
        course={recent}
      />
    </>
  );
}

interface CountTileProps {
  readonly title: string;
  readonly values: readonly Big[] | null;
  readonly before: Big | null;
  /** Whether the ledger saw all of the time before. */
  readonly isComparable: boolean;
  readonly failure: string | undefined;
}

function CountTile({ title, values, before, isComparable, failure }: CountTileProps) {
  if (failure) return <Tile title={title} figure={"\u2013"} note={failure} />;
  if (!values || !before) return <Tile title={title} figure={null} />;
  if (values.length === 0) {
    return <Tile title={title} figure={"\u2013"} note="no kind can be filtered like this" />;
  }
  const total = sum(values);
  return (
    <Tile
      title={title}
      figure={formatCountShort(total)}
      exact={formatCount(total)}
      note={
        isComparable && (
          <>
            <ChangeNote change={changeOf(total, before)} /> on the time before
          </>
        )
      }
      course={values.slice(0, -1).map(Number)}
    />
  );
}

function UnpricedTile({ costs }: { readonly costs: Sums | null }) {
  const title = "Unpriced events";
  if (!costs) return <Tile title={title} figure={null} />;
  const count = costs.unpricedEvents ?? 0;
  return (
    <Tile
      title={title}
      figure={formatCountShort(count)}
      exact={formatCount(count)}
      note={
        count === 0 ? (
          "every event has a price"
        ) : (
          <a href="#/prices">Not in the sums: add a price</a>
        )
      }
    />
  );
}
