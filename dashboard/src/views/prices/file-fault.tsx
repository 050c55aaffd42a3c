import { Icon } from "../../parts/icon";

/** The price file as it is now is refused: until it is mended, the prices before it hold. */
export function FileFault({ fault }: { readonly fault: string }) {
  return (
    <div class="file-fault" role="alert">
      <Icon name="warning" />
      <div>
        <p class="file-fault-title">The price file is not in force; the prices before it hold.</p>
        <pre>{fault}</pre>
      </div>
    </div>
  );
}
