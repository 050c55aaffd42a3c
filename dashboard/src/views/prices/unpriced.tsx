import { useState } from "preact/hooks";
import { Button } from "../../parts/button";
import { Card } from "../../parts/card";
import { type Column, Table } from "../../parts/table";
import type { Awaited } from "../../parts/use-answer";
import { formatCount, unitOf } from "../../quantities/counts";
import { formatMoment } from "../../quantities/times";
import { UTC } from "../../state/zones";
import type { Cards, RateCard } from "../../wire/prices";
import { AddPriceDialog } from "./add-price-dialog";
import { ModelLink } from "./model-link";
import { cardId, traitsText, unpricedCards } from "./traits";

export interface UnpricedProps {
  readonly cards: Awaited<Cards>;
  readonly mayReprice: boolean;
  /** Called when events were priced again. */
  readonly onChange: () => void;
}

/** What was used and has no price: it counts nothing in any sum. Nothing when there is none. */
export function Unpriced({ cards, mayReprice, onChange }: UnpricedProps) {
  const [added, setAdded] = useState<RateCard | null>(null);
  const unpriced = unpricedCards(cards.value?.cards ?? []);
  const events = unpriced.reduce((total, card) => total + (card.events ?? 0), 0);
  if (unpriced.length === 0 && !added) return null;
  const columns: readonly Column<RateCard>[] = [
    { key: "model", title: "Model", cell: ({ traits }) => <ModelLink traits={traits} /> },
    {
      key: "missing",
      title: "Without a price",
      cell: (card) => (
        <span class="two-lines">
          <span>{`${traitsText(card.traits)}: ${missingLabels(card).join(", ")}`}</span>
          <span class="second-line">{reasonOf(card)}</span>
        </span>
      ),
    },
    {
      key: "when",
      title: "Used (UTC)",
      cell: ({ firstEvent, lastEvent }) => (
        <span class="two-lines figures">
          <span>{lastEvent !== null && formatMoment(lastEvent, UTC)}</span>
          <span class="second-line">
            {firstEvent !== null && `first ${formatMoment(firstEvent, UTC)}`}
          </span>
        </span>
      ),
    },
    {
      key: "events",
      title: "Events",
      isNumber: true,
      cell: (card) => formatCount(card.events ?? 0),
    },
    {
      key: "add",
      title: "",
      cell: (card) => <Button onClick={() => setAdded(card)}>Add a price…</Button>,
    },
  ];
  return (
    <Card
      title="Without a price"
      note={
        <span class="figures" data-exact={events}>
          In no sum until somebody states what it costs: {formatCount(events)}{" "}
          {unitOf(events, "events")}
        </span>
      }
    >
      <Table caption="Models that have no price" columns={columns} rows={unpriced} keyOf={cardId} />
      {added && (
        <AddPriceDialog
          card={added}
          mayReprice={mayReprice}
          onClose={() => setAdded(null)}
          onApplied={onChange}
        />
      )}
    </Card>
  );
}

function missingRates({ rates }: RateCard) {
  return rates.filter(({ standing }) => standing === "unpriced");
}

/** So many lines are named; a model without any price lacks a dozen. */
const NAMED_MAX = 3;

function missingLabels(card: RateCard): readonly string[] {
  const labels = missingRates(card).map(({ label }) => label);
  if (labels.length <= NAMED_MAX) return labels;
  return [...labels.slice(0, NAMED_MAX), `${labels.length - NAMED_MAX} more`];
}

function reasonOf(card: RateCard): string {
  return missingRates(card).find(({ note }) => note !== "")?.note ?? "";
}
