import type { ComponentType } from "preact";
import { useMemo } from "preact/hooks";
import { Empty } from "../../parts/states";
import { Tabs } from "../../parts/tabs";
import { useViewState } from "../../parts/use-question";
import { ZonePicker } from "../../parts/zone-picker";
import { useServices } from "../../services";
import { ViewHead } from "../../shell/view-head";
import { AuditLog } from "./audit-log";
import { listFields } from "./fields";
import { Keys } from "./keys";
import { People } from "./people";
import { Projects } from "./projects";
import { type Reach, reachOf, type Section, sectionOf, sectionsOf } from "./reach";
import type { SectionProps } from "./view";
import "./organization.css";

const TITLES: Readonly<Record<Section, string>> = {
  projects: "Projects",
  people: "People",
  keys: "Keys",
  audit: "Audit log",
};

const COMPONENTS: Readonly<Record<Section, ComponentType<SectionProps>>> = {
  projects: Projects,
  people: People,
  keys: Keys,
  audit: AuditLog,
};

/** Projects, people, keys, and who changed what. */
export function Organization() {
  const { session } = useServices();
  const state = session.state.value;
  if (state.is !== "in") return null;
  const reach = reachOf(state.who);
  if (reach.canRead) return <Sections reach={reach} />;
  return (
    <>
      <ViewHead title="Organization" />
      <Empty title="Your key does not open the organization" icon="organization">
        It lacks the scope api.organization.read. Whoever made it can make one that has it.
      </Empty>
    </>
  );
}

function Sections({ reach }: { readonly reach: Reach }) {
  const { location, zone } = useServices();
  const fields = useMemo(() => listFields(zone), [zone]);
  const { state, change } = useViewState(fields);
  const current = sectionOf(location.place.value.section, reach);
  const Component = COMPONENTS[current];
  return (
    <>
      <ViewHead
        title="Organization"
        tools={
          <ZonePicker
            zone={state.zone}
            ownZone={zone}
            onChange={(chosen) => change({ zone: chosen })}
          />
        }
      />
      <Tabs
        label="Sections"
        tabs={sectionsOf(reach).map((section) => ({
          title: TITLES[section],
          href: location.hrefOf("organization", section, fields, state),
          isCurrent: section === current,
        }))}
      />
      <div class="organization">
        <Component {...{ reach, state, change }} />
      </div>
    </>
  );
}
