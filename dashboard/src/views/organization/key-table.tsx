import type { ComponentChildren } from "preact";
import { IconButton } from "../../parts/button";
import { Badge, type BadgeProps } from "../../parts/card";
import { type Column, Table } from "../../parts/table";
import { useLabels } from "../../parts/use-labels";
import { formatCount } from "../../quantities/counts";
import { formatSecond } from "../../quantities/times";
import type { Key } from "../../wire/organization";
import { Identity } from "./identity";
import {
  daysLeft,
  endOf,
  type KeyState,
  keyState,
  lastUse,
  ownerName,
  scopeSummary,
} from "./key-words";

export interface KeyTableProps {
  readonly keys: readonly Key[];
  readonly isOfProject: boolean;
  /** The key that the session is by. */
  readonly ownKeyId: string;
  /** Unix seconds. */
  readonly now: number;
  readonly zone: string;
  /** Opens the dialog for a change; null where nothing may be changed. */
  readonly onOpen: ((change: "change" | "revoke", key: Key) => void) | null;
}

/** Keys: what each may do and where, its last use and its end. */
export function KeyTable(props: KeyTableProps) {
  const { keys, isOfProject, ownKeyId, now, zone, onOpen } = props;
  const columns: readonly Column<Key>[] = [
    { key: "name", title: "Key", cell: (key) => <Named {...{ ownKeyId }} apiKey={key} /> },
    { key: "scopes", title: "May", cell: (key) => <Scopes scopes={key.scopes} /> },
    isOfProject
      ? {
          key: "owner",
          title: "Owner",
          cell: ({ owner }) => ownerName(owner) ?? <Quiet>none</Quiet>,
        }
      : { key: "reach", title: "Reaches", cell: (key) => <Reaches projects={key.project_ids} /> },
    {
      key: "rate",
      title: "Per minute",
      isNumber: true,
      cell: ({ requests_per_minute_max: rate }) =>
        rate === null ? <Quiet>server's</Quiet> : formatCount(rate),
    },
    {
      key: "used",
      title: "Last used",
      cell: (key) => (
        <span title={key.last_used_at == null ? undefined : formatSecond(key.last_used_at, zone)}>
          {lastUse(key, now)}
        </span>
      ),
    },
    { key: "end", title: "Ends", cell: (key) => <End {...{ now, zone }} apiKey={key} /> },
    {
      key: "actions",
      title: "",
      cell: (key) =>
        onOpen !== null &&
        key.revoked_at == null && (
          <span class="row-tools">
            {!isOfProject && (
              <IconButton
                label={`Change ${key.name ?? key.id}`}
                icon="edit"
                onClick={() => onOpen("change", key)}
              />
            )}
            <IconButton
              label={`Revoke ${key.name ?? key.id}`}
              icon="revoke"
              onClick={() => onOpen("revoke", key)}
            />
          </span>
        ),
    },
  ];
  return <Table caption="Keys" columns={columns} rows={keys} keyOf={({ id }) => id} />;
}

function Named({ apiKey, ownKeyId }: { readonly apiKey: Key; readonly ownKeyId: string }) {
  return (
    <span class="key-name">
      <Identity name={apiKey.name} id={apiKey.redacted_value || apiKey.id} />
      {apiKey.id === ownKeyId && <Badge>yours</Badge>}
    </span>
  );
}

function Scopes({ scopes }: { readonly scopes: readonly string[] }) {
  if (scopes.length === 0) return <Quiet>nothing</Quiet>;
  return (
    <span class="scopes" title={scopes.join(", ")}>
      {scopeSummary(scopes).map((words) => (
        <Badge key={words}>{words}</Badge>
      ))}
    </span>
  );
}

function Reaches({ projects }: { readonly projects: readonly string[] | null }) {
  const labelOf = useLabels();
  if (projects === null) return <Quiet>whole organization</Quiet>;
  return (
    <span class="reaches" title={projects.join(", ")}>
      {projects.map((id) => labelOf("project_id", id)).join(", ")}
    </span>
  );
}

interface EndProps {
  readonly apiKey: Key;
  readonly now: number;
  readonly zone: string;
}

const LOOKS: Readonly<Record<Exclude<KeyState, "active">, NonNullable<BadgeProps["look"]>>> = {
  expiring: "warning",
  expired: "bad",
  revoked: "normal",
  foreign: "normal",
};

function End({ apiKey, now, zone }: EndProps) {
  const state = keyState(apiKey, now);
  const end = endOf(apiKey, zone);
  if (state === "active") return end === "never" ? <Quiet>never</Quiet> : end;
  const words = {
    expiring: `expires ${daysLeft(apiKey.expires_at ?? now, now)}`,
    expired: "expired",
    revoked: "revoked",
    foreign: "another system's",
  };
  return (
    <span class="key-end">
      {state !== "foreign" && end}
      <Badge look={LOOKS[state]}>{words[state]}</Badge>
    </span>
  );
}

function Quiet({ children }: { readonly children: ComponentChildren }) {
  return <span class="quiet">{children}</span>;
}
