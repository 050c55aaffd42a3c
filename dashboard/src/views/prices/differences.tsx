import type Big from "big.js";
import { type Column, Table } from "../../parts/table";
import { formatCount } from "../../quantities/counts";
import { formatExact } from "../../quantities/money";
import type { Difference, Repricing } from "../../wire/prices";

/** What pricing again changes: by day and model, and in all, to the last digit. */
export function Differences({ repricing }: { readonly repricing: Repricing }) {
  const { differences, totals, events } = repricing;
  const isOneCurrency = totals.length === 1;
  const [total] = totals;
  const foot = (amount: Big | undefined) =>
    isOneCurrency && total && amount ? <Amount amount={amount} currency={total.currency} /> : "";
  const columns: readonly Column<Difference>[] = [
    {
      key: "day",
      title: "Day (UTC), model",
      cell: ({ day, model }) => (
        <span class="two-lines figures">
          <span>{day}</span>
          <span class="second-line">{model ?? "no model"}</span>
        </span>
      ),
      foot: "In all",
    },
    {
      key: "events",
      title: "Events",
      isNumber: true,
      cell: (each) => formatCount(each.events),
      foot: formatCount(events),
    },
    {
      key: "before",
      title: "Before",
      isNumber: true,
      cell: ({ before, currency }) => <Amount amount={before} currency={currency} />,
      foot: foot(total?.before),
    },
    {
      key: "after",
      title: "After",
      isNumber: true,
      cell: ({ after, currency }) => <Amount amount={after} currency={currency} />,
      foot: foot(total?.after),
    },
  ];
  return (
    <div class="differences">
      <Table
        caption="What would change"
        columns={columns}
        rows={differences}
        keyOf={({ day, model, currency }) => JSON.stringify([day, model, currency])}
        isTall
      />
      {!isOneCurrency && (
        <ul class="figures">
          {totals.map(({ currency, before, after }) => (
            <li key={currency}>
              {`${formatExact(before, currency)} \u2192 ${formatExact(after, currency)}`}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** An amount with all of its digits; without a price a word. */
function Amount({ amount, currency }: { readonly amount: Big | null; readonly currency: string }) {
  if (amount === null) return <span class="quiet">no price</span>;
  const exact = formatExact(amount, currency);
  return <span data-exact={exact}>{exact}</span>;
}
