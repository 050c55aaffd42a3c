import { useState } from "preact/hooks";
import { Awaiting } from "../../parts/awaiting";
import { Button, IconButton } from "../../parts/button";
import { Badge, Card } from "../../parts/card";
import { ListFoot } from "../../parts/list-foot";
import { Empty } from "../../parts/states";
import { type Column, Table } from "../../parts/table";
import { useList } from "../../parts/use-list";
import { formatDate } from "../../quantities/times";
import { useServices } from "../../services";
import { PEOPLE_LIST, type Person } from "../../wire/organization";
import { Identity } from "./identity";
import { AddPerson, ChangePerson, ErasePerson } from "./person-dialogs";
import type { SectionProps } from "./view";

/** Which dialog is open, and about whom. */
type Open = { readonly is: "add" } | { readonly is: "change" | "erase"; readonly person: Person };

/** The people of the organization, and what may be done with what is known of them. */
export function People({ reach, state }: SectionProps) {
  const { names, toasts } = useServices();
  const list = useList<Person>(PEOPLE_LIST);
  const [open, setOpen] = useState<Open | null>(null);

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
      title="People"
      tools={
        reach.canChange && (
          <Button look="primary" icon="plus" onClick={() => setOpen({ is: "add" })}>
            Add person
          </Button>
        )
      }
    >
      <Awaiting answer={list} label="Loading people">
        {({ rows }) =>
          rows.length === 0 ? (
            <Empty title="There are no people yet" icon="organization">
              A person gives the user's id that events have a name.
            </Empty>
          ) : (
            <Table
              caption="People"
              columns={columnsOf({ reach, state }, setOpen)}
              rows={rows}
              keyOf={({ id }) => id}
            />
          )
        }
      </Awaiting>
      <ListFoot list={list} unit="people" />
      {open?.is === "add" && <AddPerson {...closing("The person is added.")} />}
      {open?.is === "change" && (
        <ChangePerson person={open.person} {...closing("The person is changed.")} />
      )}
      {open?.is === "erase" && (
        <ErasePerson person={open.person} {...closing("The person is erased.")} />
      )}
    </Card>
  );
}

/** What is told of a person, and the way to change it. */
function columnsOf(
  { reach, state }: Pick<SectionProps, "reach" | "state">,
  onOpen: (open: Open) => void,
): readonly Column<Person>[] {
  return [
    { key: "name", title: "Person", cell: (person) => <Identity {...person} /> },
    {
      key: "email",
      title: "Email",
      cell: ({ email }) => email ?? <span class="quiet">none</span>,
    },
    { key: "role", title: "Role", cell: ({ role }) => <Badge>{role}</Badge> },
    { key: "added", title: "Added", cell: (person) => formatDate(person.added_at, state.zone) },
    {
      key: "actions",
      title: "",
      cell: (person) => reach.canChange && <Actions person={person} onOpen={onOpen} />,
    },
  ];
}

interface ActionsProps {
  readonly person: Person;
  readonly onOpen: (open: Open) => void;
}

function Actions({ person, onOpen }: ActionsProps) {
  const label = person.name ?? person.id;
  return (
    <span class="row-tools">
      <IconButton
        label={`Change ${label}`}
        icon="edit"
        onClick={() => onOpen({ is: "change", person })}
      />
      <IconButton
        label={`Erase ${label}`}
        icon="erase"
        onClick={() => onOpen({ is: "erase", person })}
      />
    </span>
  );
}
