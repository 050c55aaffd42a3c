import { useState } from "preact/hooks";
import { TextField } from "../../parts/field";
import { type FaultAt, FormDialog, type FormDialogProps } from "../../parts/form-dialog";
import { Segments } from "../../parts/select";
import { useServices } from "../../services";
import {
  addPerson,
  changePerson,
  erasePerson,
  type Person,
  type PersonWish,
  ROLES,
  type Role,
} from "../../wire/organization";

type ClosingProps = Pick<FormDialogProps, "onClose" | "onDone">;

interface PersonProps extends ClosingProps {
  readonly person: Person;
}

const EMPTY: PersonWish = { name: "", email: "", role: "reader", id: "" };

/** Somebody new: name, email, role, and the id that events have already. */
export function AddPerson(closing: ClosingProps) {
  const { wire } = useServices();
  const [wish, setWish] = useState(EMPTY);
  const set = (part: Partial<PersonWish>): void => setWish({ ...wish, ...part });
  return (
    <FormDialog
      title="Add person"
      action="Add"
      act={() => addPerson(wire, trimmed(wish))}
      isReady={wish.name.trim() !== ""}
      fields={["name", "email", "id"]}
      {...closing}
    >
      {(faultAt) => (
        <>
          <Identification {...{ wish, faultAt }} onChange={set} />
          <TextField
            label="Id"
            value={wish.id}
            onInput={(id) => set({ id })}
            fault={faultAt("id")}
            placeholder="user-…"
            hint="Of somebody whom events name already, the id there. Left empty, a new one."
          />
          <RoleField role={wish.role} onChange={(role) => set({ role })} />
        </>
      )}
    </FormDialog>
  );
}

/** Another name, email or role for somebody. */
export function ChangePerson({ person, ...closing }: PersonProps) {
  const { wire } = useServices();
  const known = wishOf(person);
  const [wish, setWish] = useState(known);
  const set = (part: Partial<PersonWish>): void => setWish({ ...wish, ...part });
  const { name, email, role } = trimmed(wish);
  const isChanged = name !== known.name || email !== known.email || role !== known.role;
  // An email can be changed, and is taken away with the person alone.
  const isWhole = name !== "" && (email !== "" || known.email === "");
  return (
    <FormDialog
      title={`Change ${person.name ?? person.id}`}
      action="Save"
      act={() =>
        changePerson(wire, person.id, email === "" ? { name, role } : { name, email, role })
      }
      isReady={isChanged && isWhole}
      fields={["name", "email"]}
      {...closing}
    >
      {(faultAt) => (
        <>
          <Identification {...{ wish, faultAt }} onChange={set} />
          <RoleField role={wish.role} onChange={(chosen) => set({ role: chosen })} />
        </>
      )}
    </FormDialog>
  );
}

function wishOf({ name, email, role, id }: Person): PersonWish {
  const known = ROLES.find((each) => each === role) ?? EMPTY.role;
  return { name: name ?? "", email: email ?? "", role: known, id };
}

function trimmed({ name, email, role, id }: PersonWish): PersonWish {
  return { name: name.trim(), email: email.trim(), role, id: id.trim() };
}

interface IdentificationProps {
  readonly wish: PersonWish;
  readonly faultAt: FaultAt;
  readonly onChange: (part: Partial<PersonWish>) => void;
}

function Identification({ wish, faultAt, onChange }: IdentificationProps) {
  return (
    <>
      <TextField
        label="Name"
        value={wish.name}
        onInput={(name) => onChange({ name })}
        fault={faultAt("name")}
        isRequired
        isFocused
      />
      <TextField
        label="Email"
        type="email"
        value={wish.email}
        onInput={(email) => onChange({ email })}
        fault={faultAt("email")}
        hint="Nothing is sent to it."
      />
    </>
  );
}

interface RoleFieldProps {
  readonly role: Role;
  readonly onChange: (role: Role) => void;
}

function RoleField({ role, onChange }: RoleFieldProps) {
  return (
    <div class="field">
      <span class="field-label">Role</span>
      <div>
        <Segments
          label="Role"
          options={ROLES.map((value) => ({ value, label: value }))}
          value={role}
          onChange={onChange}
        />
      </div>
      <p class="field-hint">What a key may do is its scopes' matter, whatever the role.</p>
    </div>
  );
}

/** Whether somebody is to be forgotten: what is lost, and what stays. */
export function ErasePerson({ person, ...closing }: PersonProps) {
  const { wire } = useServices();
  const label = person.name ?? person.id;
  return (
    <FormDialog
      title={`Erase ${label}?`}
      action="Erase"
      look="danger"
      act={() => erasePerson(wire, person.id)}
      {...closing}
    >
      <div>
        <h3>What is lost, for good</h3>
        <ul class="reasons">
          <li>The name{person.email && ` and the email ${person.email}`}.</li>
          <li>Every key of {label}, at once, and every place in a project.</li>
        </ul>
      </div>
      <div>
        <h3>What stays</h3>
        <ul class="reasons">
          <li>All usage and costs, to the cent.</li>
          <li>
            The id <code>{person.id}</code>: a pseudonym from then on, which nobody else can get.
          </li>
          <li>The audit log, which never had the name or the email.</li>
        </ul>
      </div>
    </FormDialog>
  );
}
