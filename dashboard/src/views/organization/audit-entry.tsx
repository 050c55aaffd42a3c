import { useLabels } from "../../parts/use-labels";
import { formatSecond } from "../../quantities/times";
import type { AuditEntry } from "../../wire/organization";
import {
  changesOf,
  type FieldChange,
  meansText,
  ownName,
  SETTING_KEYS,
  subjectDimension,
  typeTitle,
} from "./audit-words";
import type { SectionProps } from "./view";

export interface EntryProps extends Pick<SectionProps, "change"> {
  readonly entry: AuditEntry;
  readonly zone: string;
}

/** So many fields are in sight at once: the first start of a server tells all of its settings. */
const FIELDS_SHOWN = 6;

/** One entry: what happened to what, from what to what, by whom and from where. */
export function Entry({ entry, zone, change }: EntryProps) {
  const { type, changes } = entry;
  const labelOf = useLabels();
  const fields = changesOf(changes, zone, (id) => labelOf("project_id", id));
  return (
    <li class="audit-entry" data-type={type} data-id={entry.id}>
      <time class="figures quiet" dateTime={new Date(entry.effective_at * 1000).toISOString()}>
        {formatSecond(entry.effective_at, zone)}
      </time>
      <div class="audit-what">
        <p class="audit-title">
          <strong>{typeTitle(type)}</strong> <Subject {...{ entry, change }} />
        </p>
        <Changes fields={fields.slice(0, FIELDS_SHOWN)} />
        {fields.length > FIELDS_SHOWN && (
          <details class="audit-more">
            <summary>{fields.length - FIELDS_SHOWN} more</summary>
            <Changes fields={fields.slice(FIELDS_SHOWN)} />
          </details>
        )}
        <Origin {...{ entry, change }} />
      </div>
    </li>
  );
}

type PartProps = Pick<EntryProps, "entry" | "change">;

/** What was changed: pressed, it is what one filters by. */
function Subject({ entry: { type, changes, project }, change }: PartProps) {
  const labelOf = useLabels();
  const id = changes.subject_id;
  const dimension = subjectDimension(type);
  const label = dimension ? labelOf(dimension, id) : id;
  // Who logs in does so to nothing but the session.
  if (id === changes.actor_id) return null;
  const within = project && project.id !== id ? project : null;
  return (
    <>
      <button
        type="button"
        class="audit-link"
        title={`${id}: show what happened to it`}
        onClick={() => change({ subjects: [id] })}
      >
        {label === id ? (ownName(changes) ?? id) : label}
      </button>
      {within && <span class="quiet"> in {within.name ?? labelOf("project_id", within.id)}</span>}
    </>
  );
}

function Changes({ fields }: { readonly fields: readonly FieldChange[] }) {
  if (fields.length === 0) return null;
  return (
    <dl class="audit-changes">
      {fields.map((each) => (
        <ChangedField key={each.field} {...each} />
      ))}
    </dl>
  );
}

function ChangedField({ field, before, after }: FieldChange) {
  return (
    <div class="audit-change">
      <dt class="quiet">{field}</dt>
      <dd>
        {before !== null && <del>{before}</del>}
        {before !== null && after !== null && (
          <>
            <span aria-hidden="true"> → </span>
            <span class="spoken"> became </span>
          </>
        )}
        {after !== null && <ins>{after}</ins>}
      </dd>
    </div>
  );
}

/** By whom, by what means, and from where; what a server's log needs is folded away. */
function Origin({ entry: { changes }, change }: PartProps) {
  const labelOf = useLabels();
  const { actor_id: id, means, address, request_id: request, user_agent: program } = changes;
  return (
    <details class="audit-origin">
      <summary>
        <Actor {...{ id, means }} label={id && (SETTING_KEYS[id] ?? labelOf("api_key_id", id))} />
        {address && <span> from {address}</span>}
      </summary>
      <dl>
        {id !== null && (
          <div>
            <dt>actor</dt>
            <dd>
              <button type="button" class="audit-link" onClick={() => change({ actors: [id] })}>
                {id}
              </button>
            </dd>
          </div>
        )}
        <Detail name="subject" value={changes.subject_id} />
        <Detail name="request" value={request} />
        <Detail name="program" value={program} />
      </dl>
    </details>
  );
}

interface ActorProps {
  readonly id: string | null;
  readonly means: string;
  readonly label: string | null;
}

function Actor({ id, means, label }: ActorProps) {
  if (means === "server")
    return <span title={id ?? undefined}>The server, {meansText(means)}</span>;
  return (
    <span title={id ?? undefined}>
      {label ?? "Somebody unknown"} {meansText(means)}
    </span>
  );
}

function Detail({ name, value }: { readonly name: string; readonly value: string | null }) {
  if (value === null) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
