export interface IdentityProps {
  /** What people call it; null when it has no name. */
  readonly name: string | null;
  readonly id: string;
}

/** A name, and below it the id that events have. */
export function Identity({ name, id }: IdentityProps) {
  return (
    <span class="identity">
      <span class="clipped">{name ?? <span class="quiet">no name</span>}</span>
      <code class="clipped quiet" title={id}>
        {id}
      </code>
    </span>
  );
}
