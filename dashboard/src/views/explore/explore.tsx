import { useMemo } from "preact/hooks";
import { useViewState } from "../../parts/use-question";
import { useServices } from "../../services";
import { EventsSection } from "./events-section";
import { GroupsSection } from "./groups-section";
import { askedOf, explorationFields } from "./state";
import "./explore.css";

/** Any question about usage and costs, as a chart and a table, down to the events themselves. */
export function Explore() {
  const { location, clock, zone } = useServices();
  const fields = useMemo(() => explorationFields(zone), [zone]);
  const { state, change } = useViewState(fields);
  // The clock stands still while one looks at an answer, sorts it, or opens an event.
  const now = useMemo(clock, [askedOf(state)]);
  const Section = location.place.value.section === "events" ? EventsSection : GroupsSection;
  return <Section {...{ state, change, now, fields }} />;
}
