import { Badge } from "../../parts/card";
import { type Column, Table } from "../../parts/table";
import { useLabels } from "../../parts/use-labels";
import { formatCount, quantityLabel } from "../../quantities/counts";
import { dimensionTitle, subjectTitle } from "../../quantities/labels";
import { formatSecond } from "../../quantities/times";
import type { StoredEvent } from "../../wire/events";
import { subjectOf } from "../../wire/tables";

export interface EventsTableProps {
  readonly events: readonly StoredEvent[];
  readonly zone: string;
  readonly isOfAllKinds: boolean;
  /** Where an event's price is explained. */
  readonly hrefOf: (event: StoredEvent) => string;
}

const DIMENSIONS = ["model", "project_id", "user_id", "api_key_id"];

/** Events, one to a line: when, what, whose, how much, and with which tags. */
export function EventsTable({ events, zone, isOfAllKinds, hrefOf }: EventsTableProps) {
  const labelOf = useLabels();
  const columns: readonly Column<StoredEvent>[] = [
    {
      key: "time",
      title: "Time",
      cell: (event) => (
        <a class="line-link" href={hrefOf(event)} aria-label={`Explain ${event.id}`}>
          {formatSecond(event.time, zone)}
        </a>
      ),
    },
    ...(isOfAllKinds
      ? [{ key: "kind", title: "Kind", cell: ({ kind }: StoredEvent) => subjectTitle(kind) }]
      : []),
    ...DIMENSIONS.map((dimension) => ({
      key: dimension,
      title: dimensionTitle(dimension),
      cell: (event: StoredEvent) => {
        const value = event[dimension];
        if (typeof value !== "string") return <span class="quiet">–</span>;
        return (
          <span class="clipped" title={value}>
            {labelOf(dimension, value)}
          </span>
        );
      },
    })),
    {
      key: "quantities",
      title: "Quantities",
      cell: (event) => (
        <span class="event-quantities clipped" title={quantitiesOf(event)}>
          {quantitiesOf(event)}
        </span>
      ),
    },
    {
      key: "tags",
      title: "Tags",
      cell: ({ tags = {} }) => (
        <span class="event-tags">
          {Object.entries(tags).map(([name, value]) => (
            <Badge key={name}>
              {name}: {value}
            </Badge>
          ))}
        </span>
      ),
    },
    { key: "id", title: "Id", cell: ({ id }) => <code>{id}</code> },
  ];
  return (
    <Table
      caption="Events"
      columns={columns}
      rows={events}
      keyOf={(event) => `${event.id} ${event.time}`}
    />
  );
}

/** The quantities that an event has, in the order of its kind: `1,830 input · 212 output tokens`. */
export function quantitiesOf(event: StoredEvent): string {
  const present = (subjectOf(event.kind)?.quantities ?? []).flatMap(({ name, unit }) => {
    const value = event[name];
    return typeof value === "number" ? [{ name, unit, value }] : [];
  });
  // That an event is one request goes without saying, unless it says nothing else.
  const told = present.filter(
    ({ name, value }) => name !== "num_model_requests" || value !== 1 || present.length === 1,
  );
  return told
    .map(({ name, unit, value }, at) => {
      const words = quantityLabel(name);
      const isLastOfUnit = told[at + 1]?.unit !== unit;
      return `${formatCount(value)} ${isLastOfUnit ? words : words.replace(` ${unit}`, "")}`;
    })
    .join(" · ");
}
