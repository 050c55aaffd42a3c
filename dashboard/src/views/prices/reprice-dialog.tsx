import { useState } from "preact/hooks";
import { Dialog } from "../../parts/dialog";
import { TextField } from "../../parts/field";
import { useServices } from "../../services";
import { DAY_SECONDS } from "../../state/zones";
import { Repricing } from "./repricing";
import { dayOf, type WishForm, wishOf } from "./wish";

export interface RepriceDialogProps {
  readonly onClose: () => void;
  /** Called when events were priced again. */
  readonly onApplied: () => void;
}

/** What is offered first: the last thirty days. */
const DAYS_BACK = 29;

/** Price stored events again, by the price book as it is now. */
export function RepriceDialog({ onClose, onApplied }: RepriceDialogProps) {
  const { clock } = useServices();
  const [form, setForm] = useState<WishForm>(() => ({
    first: dayOf(clock() - DAYS_BACK * DAY_SECONDS),
    last: "",
    model: "",
  }));
  const change = (part: Partial<WishForm>): void => setForm({ ...form, ...part });
  const wish = wishOf(form);
  return (
    <Dialog title="Price again" onClose={onClose} isWide>
      <p class="quiet">
        History keeps the price of its day. Events of these days get the price that is now in force
        for their time; those whose price did not change keep theirs.
      </p>
      <div class="reprice-fields">
        <TextField
          label="From (UTC)"
          type="date"
          value={form.first}
          onInput={(first) => change({ first })}
          fault={wish ? null : "Choose days in order."}
        />
        <TextField
          label="Through"
          type="date"
          value={form.last}
          onInput={(last) => change({ last })}
          hint="Empty: all since then."
        />
        <TextField
          label="Model"
          value={form.model}
          onInput={(model) => change({ model })}
          placeholder="all models"
          hint="A name, or a pattern with * and ?."
        />
      </div>
      <Repricing {...{ wish, onApplied, onClose }} mayReprice />
    </Dialog>
  );
}
