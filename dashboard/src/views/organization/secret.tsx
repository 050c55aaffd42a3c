import { Button } from "../../parts/button";
import { Dialog } from "../../parts/dialog";
import { Icon } from "../../parts/icon";
import { Snippet } from "../../parts/snippet";
import type { NewKey } from "../../wire/organization";

export interface SecretProps {
  readonly made: NewKey;
  readonly onClose: () => void;
}

/** The one sight of a new key's secret. It is nowhere else, and gone when this is closed. */
export function Secret({ made, onClose }: SecretProps) {
  return (
    <Dialog title={`The key ${made.name ?? made.id}`} onClose={onClose} isSticky>
      <p class="warned">
        <Icon name="warning" />
        Copy it now: this is the only time that it is shown. The server keeps no more than its
        digest, so a lost key is replaced and never found again.
      </p>
      <Snippet label="The new key" code={made.value} />
      <div class="dialog-tools">
        <Button look="primary" onClick={onClose}>
          I have copied it
        </Button>
      </div>
    </Dialog>
  );
}
