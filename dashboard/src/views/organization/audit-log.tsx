import { useMemo } from "preact/hooks";
import { Awaiting } from "../../parts/awaiting";
import { Card } from "../../parts/card";
import { ListFoot } from "../../parts/list-foot";
import { Empty } from "../../parts/states";
import { useList } from "../../parts/use-list";
import { useServices } from "../../services";
import type { AuditEntry } from "../../wire/organization";
import { Entry } from "./audit-entry";
import { AuditFilters } from "./audit-filters";
import { auditList, isUnfiltered } from "./audit-list";
import type { SectionProps } from "./view";
import "./audit.css";

/** Who changed what, and when: the newest first. */
export function AuditLog({ state, change }: SectionProps) {
  const { clock } = useServices();
  const { zone, types, actors, subjects, when } = state;
  // The clock is read anew for each question, and stands still while one looks at its answer.
  const asked = JSON.stringify([zone, types, actors, subjects, when]);
  const now = useMemo(clock, [asked]);
  const list = useList<AuditEntry>(auditList(state, now));
  return (
    <Card title="Audit log" note="Every change, and who made it. No entry is ever altered.">
      <AuditFilters {...{ state, change, now }} entries={list.value?.rows ?? []} />
      <Awaiting answer={list} label="Loading the audit log">
        {({ rows }) =>
          rows.length === 0 ? (
            <Empty
              title={isUnfiltered(state) ? "Nothing has happened yet" : "No entry is like this"}
              icon="organization"
            >
              {!isUnfiltered(state) && "Fewer filters, or another time, may let some through."}
            </Empty>
          ) : (
            <ol class="audit" aria-label="Entries, the newest first">
              {rows.map((entry) => (
                <Entry key={entry.id} {...{ entry, zone, change }} />
              ))}
            </ol>
          )
        }
      </Awaiting>
      <ListFoot list={list} unit="entries" />
    </Card>
  );
}
