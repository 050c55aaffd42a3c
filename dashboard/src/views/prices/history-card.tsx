import { Awaiting } from "../../parts/awaiting";
import { Card } from "../../parts/card";
import { SkeletonBlock } from "../../parts/states";
import { type Column, Table } from "../../parts/table";
import { useAnswer } from "../../parts/use-answer";
import { formatCount } from "../../quantities/counts";
import { formatExact } from "../../quantities/money";
import { formatMoment } from "../../quantities/times";
import { useServices } from "../../services";
import { UTC } from "../../state/zones";
import { type Repricing, repricings } from "../../wire/prices";
import { repricedDays } from "./wish";

/** Every time that stored events were priced again, the newest first. */
export function History({ version }: { readonly version: number }) {
  const { wire } = useServices();
  const answer = useAnswer(`${version}`, async (signal) =>
    (await repricings(wire, signal)).toReversed(),
  );
  return (
    <Card title="Priced again" note="who changed what stored events cost, and why">
      <Awaiting
        answer={answer}
        label="Loading the history"
        skeleton={
          <div class="history-waiting">
            <SkeletonBlock label="Loading the history" />
          </div>
        }
      >
        {(all) =>
          all.length === 0 ? (
            <p class="nothing quiet">Every event still has the price that it was stored with.</p>
          ) : (
            <Table
              caption="Priced again"
              columns={COLUMNS}
              rows={all}
              keyOf={({ at, since, model }) => JSON.stringify([at, since, model])}
            />
          )
        }
      </Awaiting>
    </Card>
  );
}

const COLUMNS: readonly Column<Repricing>[] = [
  {
    key: "at",
    title: "When (UTC)",
    cell: ({ at }) => at !== null && <span class="figures">{formatMoment(at, UTC)}</span>,
  },
  {
    key: "why",
    title: "Why",
    cell: ({ why, who }) => (
      <span class="two-lines">
        <span>{why || "no reason given"}</span>
        <span class="second-line">{who}</span>
      </span>
    ),
  },
  { key: "what", title: "Events of", cell: (each) => <Reach repricing={each} /> },
  { key: "events", title: "Events", isNumber: true, cell: ({ events }) => formatCount(events) },
  {
    key: "change",
    title: "Before \u2192 after",
    isNumber: true,
    cell: ({ totals }) =>
      totals.map(({ currency, before, after }) => (
        <span key={currency} class="change-line">
          {`${formatExact(before, currency)} \u2192 ${formatExact(after, currency)}`}
        </span>
      )),
  },
];

function Reach({ repricing }: { readonly repricing: Repricing }) {
  const { first, last } = repricedDays(repricing);
  return (
    <span class="two-lines">
      <span>{repricing.model ?? "all models"}</span>
      <span class="second-line figures">
        {last === null ? `since ${first}` : `${first} \u2013 ${last}`}
      </span>
    </span>
  );
}
