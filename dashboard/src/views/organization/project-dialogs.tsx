import { useState } from "preact/hooks";
import { TextField } from "../../parts/field";
import { FormDialog, type FormDialogProps } from "../../parts/form-dialog";
import { useAnswer } from "../../parts/use-answer";
import { formatCount } from "../../quantities/counts";
import { useServices } from "../../services";
import { wholeList } from "../../wire/lists";
import {
  archiveProject,
  createProject,
  type Key,
  keysList,
  type Project,
  renameProject,
} from "../../wire/organization";

type ClosingProps = Pick<FormDialogProps, "onClose" | "onDone">;

interface ProjectProps extends ClosingProps {
  readonly project: Project;
}

/** A new project: its name, and the id that events have already. */
export function CreateProject(closing: ClosingProps) {
  const { wire } = useServices();
  const [name, setName] = useState("");
  const [id, setId] = useState("");
  return (
    <FormDialog
      title="Create project"
      action="Create"
      act={() => createProject(wire, name.trim(), id.trim())}
      isReady={name.trim() !== ""}
      fields={["name", "id"]}
      {...closing}
    >
      {(faultAt) => (
        <>
          <TextField
            label="Name"
            value={name}
            onInput={setName}
            fault={faultAt("name")}
            isRequired
            isFocused
          />
          <TextField
            label="Id"
            value={id}
            onInput={setId}
            fault={faultAt("id")}
            placeholder="proj_…"
            hint="Of a project that events name already, its id there. Left empty, a new one."
          />
        </>
      )}
    </FormDialog>
  );
}

/** Another name for a project. */
export function RenameProject({ project, ...closing }: ProjectProps) {
  const { wire } = useServices();
  const [name, setName] = useState(project.name ?? "");
  return (
    <FormDialog
      title="Rename project"
      action="Rename"
      act={() => renameProject(wire, project.id, name.trim())}
      isReady={name.trim() !== "" && name.trim() !== project.name}
      fields={["name"]}
      {...closing}
    >
      {(faultAt) => (
        <TextField
          label="Name"
          value={name}
          onInput={setName}
          fault={faultAt("name")}
          hint="What was used before has the new name from then on, too: events have the id alone."
          isRequired
          isFocused
        />
      )}
    </FormDialog>
  );
}

/** Whether a project is to end, and what ends with it. */
export function ArchiveProject({ project, ...closing }: ProjectProps) {
  const { wire } = useServices();
  const keys = useAnswer(project.id, (signal) =>
    wholeList<Key>(wire, keysList(project.id, false), signal),
  );
  return (
    <FormDialog
      title={`Archive ${project.name ?? project.id}?`}
      action="Archive"
      look="danger"
      act={() => archiveProject(wire, project.id)}
      {...closing}
    >
      <p>
        An archived project stays so: it gets no new keys and no other name. Its events, and what
        they cost, stay.
      </p>
      <div aria-live="polite" aria-busy={keys.isWaiting}>
        <EndingKeys keys={keys.value} />
      </div>
    </FormDialog>
  );
}

/** So many keys are named, and the rest counted. */
const NAMED_MAX = 5;

function EndingKeys({ keys }: { readonly keys: readonly Key[] | null }) {
  if (keys === null) return <p class="quiet">Its keys end at once.</p>;
  if (keys.length === 0) return <p class="quiet">It has no keys that would end.</p>;
  const more = keys.length - NAMED_MAX;
  return (
    <>
      <p>{keys.length === 1 ? "This key ends" : "These keys end"} at once:</p>
      <ul class="ending">
        {keys.slice(0, NAMED_MAX).map((key) => (
          <li key={key.id}>
            {key.name ?? key.id} <code class="quiet">{key.redacted_value}</code>
          </li>
        ))}
        {more > 0 && <li class="quiet">and {formatCount(more)} more</li>}
      </ul>
    </>
  );
}
