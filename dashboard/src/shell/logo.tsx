/** Four strokes and one across: a tally of five. */
export function Logo() {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true">
      <rect width="24" height="24" rx="6" fill="var(--accent-solid)" />
      <path
        d="M7 7v10M10.5 7v10M14 7v10M5.5 15.5 18.5 8.5"
        fill="none"
        stroke="var(--on-accent)"
        stroke-width="1.8"
        stroke-linecap="round"
      />
    </svg>
  );
}
