import type Big from "big.js";
import { Awaiting } from "../../parts/awaiting";
import { Badge } from "../../parts/card";
import { Dialog } from "../../parts/dialog";
import { Snippet } from "../../parts/snippet";
import { type Column, Table } from "../../parts/table";
import { useAnswer } from "../../parts/use-answer";
import { grouped, trimmed } from "../../quantities/digits";
import { subjectTitle } from "../../quantities/labels";
import { formatExact } from "../../quantities/money";
import { formatDate, formatSecond } from "../../quantities/times";
import { useServices } from "../../services";
import type { StoredEvent } from "../../wire/events";
import {
  type Card,
  type ExplainedEvent,
  type ExplainedLine,
  explanationOf,
} from "../../wire/explanations";

export interface ExplanationProps {
  readonly id: string;
  /** As it is stored; null when it is not among those in sight. */
  readonly event: StoredEvent | null;
  readonly zone: string;
  readonly onClose: () => void;
}

/** What an event cost, line by line: how much, at which price, and who says so. */
export function Explanation({ id, event, zone, onClose }: ExplanationProps) {
  const { wire } = useServices();
  const answer = useAnswer(id, (signal) => explanationOf(wire, id, signal));
  return (
    <Dialog title="What this event cost" onClose={onClose} isWide>
      <p class="explained-id">
        <code>{id}</code>
      </p>
      <Awaiting answer={answer} label="Loading the explanation">
        {(events) => (
          <div class="explained">
            {events.map((each) => (
              <Explained key={each.time} event={each} zone={zone} />
            ))}
          </div>
        )}
      </Awaiting>
      {event && <Snippet label="The event as it is stored" code={JSON.stringify(event, null, 2)} />}
    </Dialog>
  );
}

function Explained({ event, zone }: { readonly event: ExplainedEvent; readonly zone: string }) {
  const columns: readonly Column<ExplainedLine>[] = [
    {
      key: "label",
      title: "Line",
      foot: "Total",
      cell: (line) => <span title={line.note || undefined}>{line.label}</span>,
    },
    {
      key: "quantity",
      title: "Quantity",
      isNumber: true,
      cell: ({ quantity, unit }) =>
        `${grouped(trimmed(quantity.toFixed()))} ${unit}${quantity.eq(1) ? "" : "s"}`,
    },
    {
      key: "price",
      title: "Unit price",
      isNumber: true,
      cell: ({ unitPrice, unit, currency }) =>
        unitPrice && currency ? (
          priceText(unitPrice, unit, currency)
        ) : (
          <Badge look="warning">unpriced</Badge>
        ),
    },
    {
      key: "amount",
      title: "Amount",
      isNumber: true,
      foot: event.totals.map(({ amount, currency }) => (
        <span key={currency} data-exact={amount.toFixed()}>
          {formatExact(amount, currency)}
        </span>
      )),
      cell: ({ amount, currency, unitPrice }) =>
        unitPrice && currency ? (
          <span data-exact={amount.toFixed()}>{formatExact(amount, currency)}</span>
        ) : (
          "–"
        ),
    },
    { key: "source", title: "Who says so", cell: ({ source }) => source || "–" },
  ];
  return (
    <section class="explained-event" aria-label={`${event.id} at ${event.time}`}>
      <p>
        {formatSecond(Date.parse(event.time) / 1000, zone)} · {traitsOf(event.kind, event.card)}
      </p>
      {event.voided && (
        <p>
          Voided on {formatSecond(Date.parse(event.voided.at) / 1000, zone)} by {event.voided.by}:{" "}
          {event.voided.reason}. It is in no sum: the lines say what it would cost.
        </p>
      )}
      {!event.isCharged && !event.voided && (
        <p class="quiet">
          A sample that is not the largest of its day: it is not charged, the lines say what it
          would cost.
        </p>
      )}
      <Table
        caption="Lines of the price"
        columns={columns}
        rows={event.lines}
        keyOf={(line) => line.label}
      />
      <p class="quiet">{cardText(event.card, zone)}</p>
    </section>
  );
}

/** A price as price lists have it: tokens are sold by the million. */
function priceText(unitPrice: Big, unit: string, currency: string): string {
  if (unit !== "token") return `${formatExact(unitPrice, currency)} per ${unit}`;
  return `${formatExact(unitPrice.times(1_000_000), currency)} per 1M tokens`;
}

/** What the price depends on. */
function traitsOf(kind: string, card: Card): string {
  return [
    subjectTitle(kind),
    card.provider,
    card.model,
    card.batch ? "batch" : null,
    card.service_tier,
    card.above_input_tokens > 0
      ? `above ${grouped(`${card.above_input_tokens}`)} input tokens`
      : null,
  ]
    .filter((trait) => trait !== null)
    .join(" · ");
}

/** Which card it was, and when that holds. */
function cardText(card: Card, zone: string): string {
  const day = (iso: string): string => formatDate(Date.parse(iso) / 1000, zone);
  const number = card.rate_card === null ? "" : ` ${card.rate_card}`;
  const from = card.valid_from === null ? "" : ` from ${day(card.valid_from)}`;
  const until = card.valid_until === null ? "" : ` until ${day(card.valid_until)}`;
  const known = card.known_since === null ? "" : `, first needed on ${day(card.known_since)}`;
  return `Rate card${number}, valid${from}${until || (from ? "" : " at any time")}${known}.`;
}
