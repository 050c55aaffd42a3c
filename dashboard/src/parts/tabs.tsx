import "./tabs.css";

export interface Tab {
  readonly title: string;
  readonly href: string;
  readonly isCurrent: boolean;
}

export interface TabsProps {
  /** What the tabs are the sections of, for screen readers. */
  readonly label: string;
  readonly tabs: readonly Tab[];
}

/** The sections of a view. Each has an address of its own, so they are links. */
export function Tabs({ label, tabs }: TabsProps) {
  return (
    <nav class="tabs" aria-label={label}>
      <ul>
        {tabs.map(({ title, href, isCurrent }) => (
          <li key={title}>
            <a href={href} aria-current={isCurrent ? "page" : undefined}>
              {title}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
