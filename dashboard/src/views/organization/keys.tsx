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
import {
  type Key,
  keysList,
  type NewKey,
  type Project,
  projectsList,
} from "../../wire/organization";
import { ChangeKey, RevokeKey } from "./key-changes";
import { CreateKey, CreateServiceAccount, NameKey } from "./key-making";
import { KeyTable } from "./key-table";
import { isWhole } from "./reach";
import { Secret } from "./secret";
import type { SectionProps } from "./view";

/** Which dialog is open. The secret of a new key is here and nowhere else. */
type Open =
  | { readonly is: "create" | "account" | "name" }
  | { readonly is: "change" | "revoke"; readonly key: Key }
  | { readonly is: "made"; readonly key: NewKey };

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
  const { clock, names, toasts } = useServices();
  const list = useList<Key>(keysList(project?.id ?? null, state.revoked === "yes"));
  const [open, setOpen] = useState<Open | null>(null);
  const isActive = project === null || project.archived_at === null;
  const reload = (): void => {
    names.forget();
    list.reload();
  };
  const closing = (text: string) => ({
    onClose: () => setOpen(null),
    onDone: () => {
      reload();
      toasts.say(text);
    },
  });
  const making = {
    // The form closes by itself, and leaves the secret open.
    onClose: () => setOpen((current) => (current?.is === "made" ? current : null)),
    onDone: reload,
    onMade: (key: NewKey) => setOpen({ is: "made", key }),
  };

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
          {reach.canChange && isActive && project !== null && (
            <Button onClick={() => setOpen({ is: "name" })}>Name a key</Button>
          )}
          {reach.canChange && isActive && (
            <Button
              look="primary"
              icon="plus"
              onClick={() => setOpen({ is: project === null ? "create" : "account" })}
            >
              {project === null ? "Create key" : "Create service account"}
            </Button>
          )}
        </>
      }
    >
      <Awaiting answer={list} label="Loading keys">
        {({ rows }) =>
          rows.length === 0 ? (
            <Empty title="There are no keys here" icon="key">
              {project !== null &&
                "A project has the keys of its service accounts; keys that are bound to it are" +
                  " the organization's."}
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
      {open?.is === "create" && (
        <CreateKey
          reach={reach}
          projects={projects.filter((each) => each.archived_at === null)}
          {...making}
        />
      )}
      {open?.is === "account" && project && <CreateServiceAccount project={project} {...making} />}
      {open?.is === "name" && project && (
        <NameKey project={project} {...closing("The key has its name.")} />
      )}
      {open?.is === "made" && <Secret made={open.key} onClose={() => setOpen(null)} />}
      {open?.is === "change" && <ChangeKey apiKey={open.key} {...closing("The key is changed.")} />}
      {open?.is === "revoke" && (
        <RevokeKey
          apiKey={open.key}
          project={project?.id ?? null}
          isOwn={open.key.id === reach.keyId}
          {...closing("The key is revoked.")}
        />
      )}
    </Card>
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
