import { useState } from "preact/hooks";
import { Checkbox } from "../../parts/checkbox";
import { Combobox } from "../../parts/combobox";
import { TextField } from "../../parts/field";
import { FormDialog, type FormDialogProps } from "../../parts/form-dialog";
import { Select } from "../../parts/select";
import { useServices } from "../../services";
import {
  createKey,
  createServiceAccount,
  type NewKey,
  nameKey,
  type Project,
} from "../../wire/organization";
import {
  accountWishOf,
  EMPTY_DRAFT,
  grantable,
  isComplete,
  type KeyDraft,
  LIFETIMES,
  rateFault,
  SCOPE_HINTS,
  wishOf,
} from "./key-draft";
import { scopeLabel } from "./key-words";
import type { Reach } from "./reach";

type ClosingProps = Pick<FormDialogProps, "onClose" | "onDone">;

interface MakingProps extends Pick<FormDialogProps, "onClose"> {
  /** Takes the new key, with its secret: what is shown in place of the form. */
  readonly onMade: (key: NewKey) => void;
}

interface CreateKeyProps extends MakingProps {
  readonly reach: Reach;
  /** Those that there are; archived ones get no keys. */
  readonly projects: readonly Project[];
}

/** A new key of the organization: what it may do, where, for how long and how often. */
export function CreateKey({ reach, projects, onClose, onMade }: CreateKeyProps) {
  const { wire } = useServices();
  const [draft, setDraft] = useState(EMPTY_DRAFT);
  const set = (part: Partial<KeyDraft>): void => setDraft({ ...draft, ...part });
  return (
    <FormDialog
      title="Create key"
      action="Create key"
      act={() => createKey(wire, wishOf(draft))}
      isReady={isComplete(draft)}
      fields={["name", "requests_per_minute_max"]}
      onDone={onMade}
      onClose={onClose}
    >
      {(faultAt) => (
        <>
          <TextField
            label="Name"
            value={draft.name}
            onInput={(name) => set({ name })}
            fault={faultAt("name")}
            placeholder="monthly-report"
            isRequired
            isFocused
          />
          <Scopes
            held={reach.scopes}
            chosen={draft.scopes}
            onChange={(scopes) => set({ scopes })}
          />
          <ProjectsField
            projects={projects.filter((each) => each.archived_at === null)}
            chosen={draft.projects}
            onChange={(chosen) => set({ projects: chosen })}
          />
          <div class="field-pair">
            <LifetimeField draft={draft} onChange={set} />
            <TextField
              label="Requests per minute"
              value={draft.rate}
              onInput={(rate) => set({ rate })}
              fault={rateFault(draft.rate) ?? faultAt("requests_per_minute_max")}
              placeholder="the server's limit"
            />
          </div>
        </>
      )}
    </FormDialog>
  );
}

interface CreateAccountProps extends MakingProps {
  readonly project: Project;
}

/** A new service account of a project, whose key posts events of that project. */
export function CreateServiceAccount({ project, onClose, onMade }: CreateAccountProps) {
  const { wire } = useServices();
  const [draft, setDraft] = useState(EMPTY_DRAFT);
  const set = (part: Partial<KeyDraft>): void => setDraft({ ...draft, ...part });
  return (
    <FormDialog
      title="Create service account"
      action="Create"
      act={() => createServiceAccount(wire, project.id, accountWishOf(draft))}
      isReady={draft.name.trim() !== ""}
      fields={["name"]}
      onDone={onMade}
      onClose={onClose}
    >
      {(faultAt) => (
        <>
          <p>
            A program that works for {project.name ?? project.id}. Its key posts events of that
            project, and opens nothing else.
          </p>
          <TextField
            label="Name"
            value={draft.name}
            onInput={(name) => set({ name })}
            fault={faultAt("name")}
            placeholder="gateway"
            isRequired
            isFocused
          />
          <LifetimeField draft={draft} onChange={set} />
        </>
      )}
    </FormDialog>
  );
}

interface NameKeyProps extends ClosingProps {
  readonly project: Project;
}

/** A name for a key that another system issued, so that sums of its id have it. */
export function NameKey({ project, ...closing }: NameKeyProps) {
  const { wire } = useServices();
  const [id, setId] = useState("");
  const [name, setName] = useState("");
  return (
    <FormDialog
      title="Name a key of another system"
      action="Save"
      act={() => nameKey(wire, project.id, id.trim(), name.trim())}
      isReady={id.trim() !== "" && name.trim() !== ""}
      fields={["id", "name"]}
      {...closing}
    >
      {(faultAt) => (
        <>
          <p>What it used is shown under its name from then on. It opens nothing here.</p>
          <TextField
            label="Id"
            value={id}
            onInput={setId}
            fault={faultAt("id")}
            hint="As events have it: their api_key_id."
            isRequired
            isFocused
          />
          <TextField
            label="Name"
            value={name}
            onInput={setName}
            fault={faultAt("name")}
            isRequired
          />
        </>
      )}
    </FormDialog>
  );
}

interface ScopesProps {
  /** The scopes of whoever makes the key: it can have no others. */
  readonly held: readonly string[];
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
}

function Scopes({ held, chosen, onChange }: ScopesProps) {
  return (
    <fieldset class="choices">
      <legend class="field-label">Scopes</legend>
      {grantable(held).map((scope) => (
        <Checkbox
          key={scope}
          label={scopeLabel(scope)}
          hint={SCOPE_HINTS[scope]}
          isChecked={chosen.includes(scope)}
          onChange={(isChecked) =>
            onChange(isChecked ? [...chosen, scope] : chosen.filter((each) => each !== scope))
          }
        />
      ))}
    </fieldset>
  );
}

interface ProjectsFieldProps {
  readonly projects: readonly Project[];
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
}

function ProjectsField({ projects, chosen, onChange }: ProjectsFieldProps) {
  const labels = projects.filter(({ id }) => chosen.includes(id)).map(({ id, name }) => name ?? id);
  return (
    <div class="field">
      <span class="field-label">Projects</span>
      <div>
        <Combobox
          label="Projects"
          text={labels.length === 0 ? "Whole organization" : labels.join(", ")}
          options={projects.map(({ id, name }) => ({ value: id, label: name ?? id, note: id }))}
          chosen={chosen}
          onChange={onChange}
          isMultiple
          placeholder="Search projects"
        />
      </div>
      <p class="field-hint">
        Bound to projects, a key sees those and posts for them, and no others.
      </p>
    </div>
  );
}

interface LifetimeFieldProps {
  readonly draft: KeyDraft;
  readonly onChange: (part: Partial<KeyDraft>) => void;
}

function LifetimeField({ draft, onChange }: LifetimeFieldProps) {
  return (
    <div class="field">
      <span class="field-label">Expires after</span>
      <Select
        label="Expires after"
        options={LIFETIMES}
        value={draft.lifetime}
        onChange={(lifetime) => onChange({ lifetime })}
      />
    </div>
  );
}
