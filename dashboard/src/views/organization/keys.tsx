import { useState } from "preact/hooks";
import { Awaiting } from "../../parts/awaiting";
import { Button } from "../../parts/button";
import { Card } from "../../parts/card";
import { Checkbox } from "../../parts/checkbox";
import { Combobox } from "../../parts/combobox";
import { ListFoot } from "../../parts/list-foot";
import { Empty } from "../../parts/states";
import { useAnswer } from "../../parts/use-answer";
import { useList } from "../../parts/use-list";
import { useServices } from "../../services";
import { wholeList } from "../../wire/lists";
import { type Key, keysList, type Project, projectsList } from "../../wire/organization";
import { KeyDialogs, type OpenDialog } from "./key-dialogs";
import { KeyTable } from "./key-table";
import { canPost, isWhole } from "./reach";
import type { SectionProps } from "./view";

/** What stands for the organization where one chooses whose keys to see. */
const ORGANIZATION = "";

/** The keys of the organization, or of one of its projects. */
export function Keys(props: SectionProps) {
  const { wire } = useServices();
  const projects = useAnswer("projects", (signal) =>
    wholeList<Project>(wire, projectsList(true), signal),
  );
  return (
    <Awaiting answer={projects} label="Loading keys">
      {(known) => <KeysOf {...props} projects={known} />}
    </Awaiting>
  );
}

interface KeysOfProps extends SectionProps {
  readonly projects: readonly Project[];
}

function KeysOf({ reach, state, change, projects }: KeysOfProps) {
  // A bound key has no say about the organization's: it begins with its first project.
  const initial = isWhole(reach) ? undefined : projects[0];
  const project = projects.find(({ id }) => id === state.of) ?? initial ?? null;
  if (project === null && !isWhole(reach)) {
    return <Empty title="None of your key's projects is known by name" icon="key" />;
  }
  return <KeyList {...{ reach, state, change, projects, project }} />;
}

interface KeyListProps extends KeysOfProps {
  readonly project: Project | null;
}

function KeyList({ reach, state, change, projects, project }: KeyListProps) {
  const { clock, names } = useServices();
  const list = useList<Key>(keysList(project?.id ?? null, state.revoked === "yes"));
  const [open, setOpen] = useState<OpenDialog | null>(null);
  return (
    <Card
      title={project === null ? "Keys of the organization" : "Keys of a project"}
      tools={
        <>
          <Checkbox
            label="Revoked"
            isChecked={state.revoked === "yes"}
            onChange={(isChecked) => change({ revoked: isChecked ? "yes" : "no" })}
          />
          <Whose {...{ reach, projects, project }} onChange={(of) => change({ of })} />
          <Making {...{ reach, project }} onOpen={setOpen} />
        </>
      }
    >
      <Awaiting answer={list} label="Loading keys">
        {({ rows }) =>
          rows.length === 0 ? (
            <Empty title="There are no keys here" icon="key">
              {project !== null && NO_PROJECT_KEYS}
            </Empty>
          ) : (
            <KeyTable
              keys={rows}
              isOfProject={project !== null}
              ownKeyId={reach.keyId}
              now={clock()}
              zone={state.zone}
              onOpen={reach.canChange ? (is, key) => setOpen({ is, key }) : null}
            />
          )
        }
      </Awaiting>
      <ListFoot list={list} unit="keys" />
      <KeyDialogs
        {...{ open, reach, projects, project }}
        onOpen={setOpen}
        onChanged={() => {
          names.forget();
          list.reload();
        }}
      />
    </Card>
  );
}

const NO_PROJECT_KEYS =
  "A project has the keys of its service accounts. Keys that are bound to it are the organization's.";

interface MakingProps extends Pick<KeyListProps, "reach" | "project"> {
  readonly onOpen: (open: OpenDialog) => void;
}

/** What can be made here: keys of the organization; accounts of a project, and names. */
function Making({ reach, project, onOpen }: MakingProps) {
  if (!reach.canChange || (project !== null && project.archived_at !== null)) return null;
  if (project === null) {
    return (
      <Button look="primary" icon="plus" onClick={() => onOpen({ is: "create" })}>
        Create key
      </Button>
    );
  }
  return (
    <>
      <Button onClick={() => onOpen({ is: "name" })}>Name a key</Button>
      {canPost(reach) && (
        <Button look="primary" icon="plus" onClick={() => onOpen({ is: "account" })}>
          Create service account
        </Button>
      )}
    </>
  );
}

interface WhoseProps extends Pick<KeyListProps, "reach" | "projects" | "project"> {
  readonly onChange: (of: string) => void;
}

function Whose({ reach, projects, project, onChange }: WhoseProps) {
  const whole = { value: ORGANIZATION, label: "Organization" };
  const options = projects.map(({ id, name }) => ({ value: id, label: name ?? id, note: id }));
  return (
    <Combobox
      label="Keys of"
      text={project === null ? whole.label : (project.name ?? project.id)}
      options={isWhole(reach) ? [whole, ...options] : options}
      chosen={[project?.id ?? ORGANIZATION]}
      onChange={([of]) => of !== undefined && onChange(of)}
      placeholder="Search projects"
    />
  );
}
