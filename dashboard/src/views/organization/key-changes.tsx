import { useState } from "preact/hooks";
import { TextField } from "../../parts/field";
import { FormDialog, type FormDialogProps } from "../../parts/form-dialog";
import { useServices } from "../../services";
import { changeKey, type Key, revokeKey } from "../../wire/organization";
import { rateFault, rateOf } from "./key-draft";

type ClosingProps = Pick<FormDialogProps, "onClose" | "onDone">;

interface ChangeKeyProps extends ClosingProps {
  readonly apiKey: Key;
}

/** Another name or limit for a key of the organization: all of it that can be changed. */
export function ChangeKey({ apiKey, ...closing }: ChangeKeyProps) {
  const { wire } = useServices();
  const known = { name: apiKey.name ?? "", rate: apiKey.requests_per_minute_max };
  const [name, setName] = useState(known.name);
  const [rate, setRate] = useState(known.rate === null ? "" : String(known.rate));
  const isChanged = name.trim() !== known.name || rateOf(rate) !== known.rate;
  const changes = { name: name.trim(), requests_per_minute_max: rateOf(rate) };
  return (
    <FormDialog
      title={`Change ${apiKey.name ?? apiKey.id}`}
      action="Save"
      act={() => changeKey(wire, apiKey.id, changes)}
      isReady={isChanged && name.trim() !== "" && rateFault(rate) === null}
      fields={["name", "requests_per_minute_max"]}
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
            label="Requests per minute"
            value={rate}
            onInput={setRate}
            fault={rateFault(rate) ?? faultAt("requests_per_minute_max")}
            placeholder="the server's limit"
            hint="What a key may, where, and until when, is for good: another needs another key."
          />
        </>
      )}
    </FormDialog>
  );
}

interface RevokeKeyProps extends ClosingProps {
  readonly apiKey: Key;
  /** The project whose key it is; null for one of the organization. */
  readonly project: string | null;
  /** Whether the session is this key's. */
  readonly isOwn: boolean;
}

/** Whether a key is to end. */
export function RevokeKey({ apiKey, project, isOwn, ...closing }: RevokeKeyProps) {
  const { wire } = useServices();
  return (
    <FormDialog
      title={`Revoke ${apiKey.name ?? apiKey.id}?`}
      action="Revoke"
      look="danger"
      act={() => revokeKey(wire, project, apiKey.id)}
      {...closing}
    >
      <p>
        Whatever uses <code>{apiKey.redacted_value || apiKey.id}</code> is refused from now on, on
        every server within a second. A revoked key cannot be brought back.
      </p>
      {isOwn && <p class="warned">You are logged in with this key, and will be logged out.</p>}
    </FormDialog>
  );
}
