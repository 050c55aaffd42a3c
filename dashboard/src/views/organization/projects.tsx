import { useState } from "preact/hooks";
import { Awaiting } from "../../parts/awaiting";
import { Button, IconButton, IconLink } from "../../parts/button";
import { Badge, Card } from "../../parts/card";
import { Checkbox } from "../../parts/checkbox";
import { ListFoot } from "../../parts/list-foot";
import { Empty } from "../../parts/states";
import { type Column, Table } from "../../parts/table";
import { useList } from "../../parts/use-list";
import { formatDate } from "../../quantities/times";
import { useServices } from "../../services";
import { questionFields } from "../../state/question";
import { type Project, projectsList } from "../../wire/organization";
import { listFields } from "./fields";
import { Identity } from "./identity";
import { ArchiveProject, CreateProject, RenameProject } from "./project-dialogs";
import { isWhole } from "./reach";
import type { SectionProps } from "./view";

/** Which dialog is open, and about which project. */
type Open =
  | { readonly is: "create" }
  | { readonly is: "rename" | "archive"; readonly project: Project };

/** The projects that a session reaches, and what may be done with them. */
export function Projects({ reach, state, change }: SectionProps) {
  const { names, toasts } = useServices();
  const list = useList<Project>(projectsList(state.archived === "yes"));
  const [open, setOpen] = useState<Open | null>(null);
  const canCreate = reach.canChange && isWhole(reach);

  const closing = (text: string) => ({
    onClose: () => setOpen(null),
    onDone: () => {
      names.forget();
      list.reload();
      toasts.say(text);
    },
  });

  return (
    <Card
      title="Projects"
      tools={
        <>
          <Checkbox
            label="Archived"
            isChecked={state.archived === "yes"}
            onChange={(isChecked) => change({ archived: isChecked ? "yes" : "no" })}
          />
          {canCreate && (
            <Button look="primary" icon="plus" onClick={() => setOpen({ is: "create" })}>
              Create project
            </Button>
          )}
        </>
      }
    >
      <Awaiting answer={list} label="Loading projects">
        {({ rows }) =>
          rows.length === 0 ? (
            <Empty title="There are no projects yet" icon="organization">
              A project gives the id that events have a name, and keys of its own.
            </Empty>
          ) : (
            <Table
              caption="Projects"
              columns={columnsOf({ reach, state }, setOpen)}
              rows={rows}
              keyOf={({ id }) => id}
            />
          )
        }
      </Awaiting>
      <ListFoot list={list} unit="projects" />
      {open?.is === "create" && <CreateProject {...closing("The project is created.")} />}
      {open?.is === "rename" && (
        <RenameProject project={open.project} {...closing("The project has its new name.")} />
      )}
      {open?.is === "archive" && (
        <ArchiveProject project={open.project} {...closing("The project is archived.")} />
      )}
    </Card>
  );
}

/** What is told of a project, and the way to change it. */
function columnsOf(
  { reach, state }: Pick<SectionProps, "reach" | "state">,
  onOpen: (open: Open) => void,
): readonly Column<Project>[] {
  return [
    { key: "name", title: "Project", cell: (project) => <Identity {...project} /> },
    {
      key: "state",
      title: "State",
      cell: ({ archived_at: at }) =>
        at === null ? (
          <Badge look="good">active</Badge>
        ) : (
          <Badge>archived {formatDate(at, state.zone)}</Badge>
        ),
    },
    {
      key: "created",
      title: "Created",
      cell: (project) => formatDate(project.created_at, state.zone),
    },
    {
      key: "links",
      title: "",
      cell: (project) => <Links {...{ project, state }} />,
    },
    {
      key: "actions",
      title: "",
      cell: (project) =>
        reach.canChange &&
        project.archived_at === null && <Actions project={project} onOpen={onOpen} />,
    },
  ];
}

interface LinksProps extends Pick<SectionProps, "state"> {
  readonly project: Project;
}

/** Where more is told of a project: what it spends, and the keys that it has. */
function Links({ project, state }: LinksProps) {
  const { location, zone } = useServices();
  const label = project.name ?? project.id;
  const spending = { ...state, where: new Map([["project_id", [project.id]]]) };
  const keys = { ...state, of: project.id };
  return (
    <span class="row-tools">
      <IconLink
        label={`What ${label} spends`}
        icon="overview"
        href={location.hrefOf("overview", "", questionFields(zone), spending)}
      />
      <IconLink
        label={`Keys of ${label}`}
        icon="key"
        href={location.hrefOf("organization", "keys", listFields(zone), keys)}
      />
    </span>
  );
}

interface ActionsProps {
  readonly project: Project;
  readonly onOpen: (open: Open) => void;
}

function Actions({ project, onOpen }: ActionsProps) {
  const label = project.name ?? project.id;
  return (
    <span class="row-tools">
      <IconButton
        label={`Rename ${label}`}
        icon="edit"
        onClick={() => onOpen({ is: "rename", project })}
      />
      <IconButton
        label={`Archive ${label}`}
        icon="archive"
        onClick={() => onOpen({ is: "archive", project })}
      />
    </span>
  );
}
