import { Card } from "../../parts/card";
import { type Column, Table } from "../../parts/table";
import { useLabels } from "../../parts/use-labels";
import { subjectTitle } from "../../quantities/labels";
import { formatSecond } from "../../quantities/times";
import { writePlace } from "../../state/place";
import type { StoredEvent } from "../../wire/events";
import type { Seen } from "./look";
import { amountText } from "./newest";

export interface NewestCardProps {
  readonly seen: Seen;
  readonly zone: string;
}

/** The newest events, each a link to what it cost and why. */
export function NewestCard({ seen, zone }: NewestCardProps) {
  const labelOf = useLabels();
  const columns: readonly Column<StoredEvent>[] = [
    {
      key: "time",
      title: "Time",
      cell: (event) => (
        <a class="figures" href={explanationHref(event, zone)} aria-label={`Explain ${event.id}`}>
          {formatSecond(event.time, zone).split(", ")[1]}
        </a>
      ),
    },
    {
      key: "what",
      title: "Event",
      cell: (event) => (
        <span class="two-lines">
          <span>{dimension(event, "model") ?? subjectTitle(event.kind)}</span>
          <span class="second-line">{amountText(event)}</span>
        </span>
      ),
    },
    {
      key: "whose",
      title: "Project",
      cell: (event) => {
        const project = dimension(event, "project_id");
        return project === null ? (
          <span class="quiet">–</span>
        ) : (
          <span title={project}>{labelOf("project_id", project)}</span>
        );
      },
    },
  ];
  return (
    <Card title="Newest events">
      {seen.events.length > 0 ? (
        <div class="live-events">
          <Table
            caption="Newest events"
            columns={columns}
            rows={seen.events}
            keyOf={({ id, time }) => `${id} ${time}`}
            isTall
          />
        </div>
      ) : (
        <p class="nothing quiet">No event in these minutes.</p>
      )}
    </Card>
  );
}

/** Where what an event cost is explained: the events of Explore around it. */
function explanationHref({ id, time }: StoredEvent, zone: string): string {
  const second = Math.floor(time);
  return writePlace({
    view: "explore",
    section: "events",
    pairs: [
      ["range", `${second}..${second + 1}`],
      ["zone", zone],
      ["event", id],
    ],
  });
}

function dimension(event: StoredEvent, name: string): string | null {
  const value = event[name];
  return typeof value === "string" ? value : null;
}
