import { useState } from "preact/hooks";
import { Button } from "../../parts/button";
import { TextField } from "../../parts/field";
import { formatCount, unitOf } from "../../quantities/counts";
import { useServices } from "../../services";
import { asFault } from "../../wire/errors";
import { applyRepricing, type Repricing, type RepricingWish } from "../../wire/prices";

export interface ApplyFormProps {
  readonly wish: RepricingWish;
  /** What was previewed. */
  readonly repricing: Repricing;
  /** Called with the number of events that have another price now. */
  readonly onDone: (events: number) => void;
}

/** Do what was previewed: with a reason, and a second press. */
export function ApplyForm({ wish, repricing, onDone }: ApplyFormProps) {
  const { wire } = useServices();
  const [isOpen, setOpen] = useState(false);
  const [why, setWhy] = useState("");
  const [isWaiting, setWaiting] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const apply = async (): Promise<void> => {
    setWaiting(true);
    setFault(null);
    try {
      onDone((await applyRepricing(wire, wish, why.trim())).events);
    } catch (thrown) {
      setFault(asFault(thrown).message);
      setWaiting(false);
    }
  };
  if (!isOpen) {
    return (
      <div class="dialog-tools">
        <Button look="primary" onClick={() => setOpen(true)}>
          Apply…
        </Button>
      </div>
    );
  }
  return (
    <form
      class="apply"
      onSubmit={(event) => {
        event.preventDefault();
        void apply();
      }}
    >
      <p>
        {`${countText(repricing.events)} another price. The sums of those days change, and the audit log keeps who did it and why.`}
      </p>
      <TextField
        label="Reason"
        value={why}
        onInput={setWhy}
        placeholder="new contract"
        fault={fault}
        isRequired
        isFocused
      />
      <div class="dialog-tools">
        <Button onClick={() => setOpen(false)}>Back</Button>
        <Button type="submit" look="primary" isDisabled={why.trim() === "" || isWaiting}>
          {`Price ${formatCount(repricing.events)} ${unitOf(repricing.events, "events")} again`}
        </Button>
      </div>
    </form>
  );
}

function countText(events: number): string {
  return events === 1 ? "1 event gets" : `${formatCount(events)} events get`;
}
