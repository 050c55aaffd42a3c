import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { IconButton } from "../parts/button";
import { Icon } from "../parts/icon";
import { useServices } from "../services";
import { readFields } from "../state/fields";
import { VIEWS, type ViewName } from "../state/place";
import { questionFields } from "../state/question";
import { asFault } from "../wire/errors";
import type { Who } from "../wire/session";
import { Logo } from "./logo";
import "./shell.css";

export const VIEW_TITLES: Readonly<Record<ViewName, string>> = {
  overview: "Overview",
  explore: "Explore",
  prices: "Prices",
  organization: "Organization",
  live: "Live",
};

/** What is around every view: the menu, and who is logged in. */
export function Shell({ who, children }: { who: Who; children: ComponentChildren }) {
  const { location } = useServices();
  const { view } = location.place.value;
  const main = useRef<HTMLElement>(null);
  useEffect(() => {
    document.title = `${VIEW_TITLES[view]} · Tallybook`;
  }, [view]);
  return (
    <div class="shell">
      {/* A link whose target is no address: the hash is where the view's state is. */}
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        Skip to content
      </button>
      <header class="sidebar">
        <div class="brand">
          <Logo />
          Tallybook
        </div>
        <Navigation current={view} />
        <Account who={who} />
      </header>
      <main ref={main} class="view" tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}

/** Links to the views; one keeps the range, zone and filters that one has chosen. */
function Navigation({ current }: { readonly current: ViewName }) {
  const { location, zone } = useServices();
  const fields = questionFields(zone);
  const question = readFields(fields, location.place.value.pairs);
  return (
    <nav class="navigation" aria-label="Views">
      <ul>
        {VIEWS.map((view) => (
          <li key={view}>
            <a
              href={location.hrefOf(view, "", fields, question)}
              aria-current={view === current ? "page" : undefined}
            >
              <Icon name={view} />
              <span class="clipped">{VIEW_TITLES[view]}</span>
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Account({ who }: { readonly who: Who }) {
  const { session, toasts } = useServices();
  const logOut = (): void => {
    session.logOut().catch((thrown: unknown) => toasts.complain(asFault(thrown).message));
  };
  return (
    <div class="account">
      <div class="account-who">
        <p class="account-name clipped" title={who.key_id}>
          {who.name}
        </p>
        <p class="account-reach clipped">{reachOf(who)}</p>
      </div>
      <IconButton label="Log out" icon="logOut" onClick={logOut} />
    </div>
  );
}

function reachOf({ projects }: Who): string {
  if (projects === null) return "Whole organization";
  return projects.length === 1 ? (projects[0] ?? "") : `${projects.length} projects`;
}
