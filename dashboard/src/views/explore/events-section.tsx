import { Awaiting } from "../../parts/awaiting";
import { Button } from "../../parts/button";
import { Card } from "../../parts/card";
import { FilterChips } from "../../parts/filter-chips";
import { RangePicker } from "../../parts/range-picker";
import { Empty, SkeletonBlock } from "../../parts/states";
import { useAnswer } from "../../parts/use-answer";
import { ZonePicker } from "../../parts/zone-picker";
import { formatCount } from "../../quantities/counts";
import { dimensionTitle } from "../../quantities/labels";
import { useServices } from "../../services";
import { ViewHead } from "../../shell/view-head";
import { spanOf } from "../../state/ranges";
import { canFilterEventsBy, type EventsPage, eventsOf } from "../../wire/events";
import { COSTS, subjectOf } from "../../wire/tables";
import { Crumbs } from "./crumbs";
import { EventsTable } from "./events-table";
import { Explanation } from "./explanation";
import { type SectionProps, useWays } from "./section";
import { askedOf } from "./state";

/** Of one page: as many as one looks through. */
const EVENTS_OF_PAGE = 50;

/** The events themselves, page by page, and what one of them cost. */
export function EventsSection({ state, change, now, fields }: SectionProps) {
  const { wire, zone: ownZone } = useServices();
  const ways = useWays(fields);
  const span = spanOf(state.range, now, state.zone);
  const kind = subjectOf(state.kind)?.name ?? COSTS;
  const page = state.pages.at(-1) ?? null;
  const answer = useAnswer(JSON.stringify([askedOf(state), page]), (signal) =>
    eventsOf(
      wire,
      {
        ...span,
        kind: kind === COSTS ? null : kind,
        filters: state.where,
        limit: EVENTS_OF_PAGE,
        page,
      },
      signal,
    ),
  );
  const passedOver = [...state.where.keys()].filter((each) => !canFilterEventsBy(each));
  const opened = answer.value?.events.find(({ id }) => id === state.event) ?? null;
  return (
    <>
      <ViewHead
        title="Events"
        tools={
          <>
            <ZonePicker
              zone={state.zone}
              ownZone={ownZone}
              onChange={(zone) => change({ zone, range: { span }, pages: [] })}
            />
            <RangePicker
              range={state.range}
              zone={state.zone}
              now={now}
              onChange={(range) => change({ range, pages: [] })}
            />
          </>
        }
      />
      <Crumbs {...{ state, ways, now }} isAtEvents />
      <FilterChips
        filters={state.where}
        onChange={(where) => change({ where, range: { span }, pages: [] })}
      />
      {passedOver.map((dimension) => (
        <p key={dimension} class="quiet">
          Events cannot be filtered by {dimensionTitle(dimension).toLowerCase()}: these are of all
          values of it.
        </p>
      ))}
      <Awaiting
        answer={answer}
        label="Loading events"
        skeleton={
          <div class="events-waiting">
            <SkeletonBlock label="Loading events" />
          </div>
        }
      >
        {(value) => (
          <div class="events">
            <Card
              title="Events"
              note={noteOf(value, state.pages.length)}
              tools={
                <>
                  <Button
                    isDisabled={state.pages.length === 0}
                    onClick={() => change({ pages: state.pages.slice(0, -1) })}
                  >
                    Previous
                  </Button>
                  <Button
                    isDisabled={value.nextPage === null}
                    onClick={() =>
                      value.nextPage !== null &&
                      // Tokens are of one range, which must not move with the clock.
                      change({ range: { span }, pages: [...state.pages, value.nextPage] })
                    }
                  >
                    Next
                  </Button>
                </>
              }
            >
              {value.events.length === 0 ? (
                <Empty title="No events in this range" icon="explore">
                  Choose a longer range or fewer filters.
                </Empty>
              ) : (
                <EventsTable
                  events={value.events}
                  zone={state.zone}
                  isOfAllKinds={kind === COSTS}
                  hrefOf={(event) =>
                    ways.hrefOf({ section: "events", state: { ...state, event: event.id } })
                  }
                />
              )}
            </Card>
          </div>
        )}
      </Awaiting>
      {state.event !== "" && (
        <Explanation
          id={state.event}
          event={opened}
          zone={state.zone}
          onClose={() => change({ event: "" })}
        />
      )}
    </>
  );
}

/** Which of the list a page shows: `51 – 100`. */
function noteOf({ events }: EventsPage, pagesBefore: number): string {
  const before = pagesBefore * EVENTS_OF_PAGE;
  if (events.length === 0) return "none";
  return `${formatCount(before + 1)} – ${formatCount(before + events.length)}, the earliest first`;
}
