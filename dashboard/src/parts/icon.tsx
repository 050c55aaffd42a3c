/** The outlines of icons, in a square of 16 by 16. */
const PATHS = {
  overview: "M2.5 13.5h11M4 11V8M7 11V4.5M10 11V6.5M13 11V3",
  explore: "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9ZM10.5 10.5l3 3",
  prices: "M8.5 2.5h5v5l-6 6-5-5ZM11 5h.01",
  organization: "M3 13.5v-8l5-3 5 3v8M6.5 13.5v-3h3v3M6 7h.01M10 7h.01",
  live: "M2 8h2.5L6.5 3.5l3 9L11.5 8H14",
  logOut: "M6.5 13.500h-3v-11h3M10.5 11l3-3-3-3M13.5 8H6",
  close: "M4 4l8 8M12 4l-8 8",
  check: "M3.5 8.500l3 3 6-7",
  down: "M4.5 6.500L8 10l3.5-3.5",
  up: "M4.5 9.500L8 6l3.5 3.5",
  right: "M6.5 4.500L10 8l-3.5 3.5",
  search: "M7 11.500a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9ZM10.5 10.500l3 3",
  more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  plus: "M8 3.500v9M3.5 8h9",
  warning: "M8 2.500l6 11H2ZM8 6.500v3M8 11.500h.01",
  info: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 7.500v3.500M8 5h.01",
  copy: "M5.5 5.500h8v8h-8ZM10.5 5.500v-3h-8v8h3",
  download: "M8 2.500v7.500M4.5 7L8 10.5 11.5 7M2.5 13.500h11",
  calendar: "M2.5 4h11v9.500h-11ZM2.5 7h11M5.5 2.500V5M10.5 2.500V5",
  filter: "M2.5 4h11M4.5 8h7M6.5 12h3",
  edit: "M3 13l.6-2.800L10.800 3l2.200 2.200L5.800 12.400ZM9.500 4.300l2.200 2.200",
  archive: "M2.500 3h11v3h-11ZM3.500 6v7h9V6M6.500 8.500h3",
  revoke: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM3.800 3.800l8.400 8.400",
  erase: "M3 4.500h10M6.500 4.500v-2h3v2M4.500 4.500l.5 9h6l.5-9M6.800 7v4M9.200 7v4",
  key: "M6 13a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM8.200 7.800L13.500 2.500M11 5l2 2",
} as const;

export type IconName = keyof typeof PATHS;

/** An icon in the colour of the text beside it, which says what it means. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path
        d={PATHS[name]}
        fill="none"
        stroke="currentColor"
        stroke-width="1.5"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  );
}
