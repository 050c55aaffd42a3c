import { useMemo, useState } from "preact/hooks";
import { Button } from "../../parts/button";
import { FilterChips } from "../../parts/filter-chips";
import { Segments, Select } from "../../parts/select";
import { Failure, SkeletonBlock } from "../../parts/states";
import { useViewState } from "../../parts/use-question";
import { useServices } from "../../services";
import { ViewHead } from "../../shell/view-head";
import { LiveTiles } from "./live-tiles";
import { kindsToAsk, look, type Seen } from "./look";
import { MinutesCard } from "./minutes-card";
import { ModelsCard } from "./models-card";
import { NewestCard } from "./newest-card";
import { liveFields, minutePlace, SPANS, startOf } from "./state";
import { LiveStatus } from "./status";
import { useLooking, useVisible } from "./use-looking";
import "./live.css";

/** The last minutes, moving. */
export function Live() {
  const { wire, clock, location, zone: ownZone } = useServices();
  const fields = useMemo(() => liveFields(ownZone), [ownZone]);
  const { state, change } = useViewState(fields);
  const { minutes, show, zone, where } = state;
  const [isPaused, setPaused] = useState(false);
  const isVisible = useVisible();
  // What is drawn otherwise is not asked otherwise.
  const key = JSON.stringify([minutes, zone, state.currency, [...where]]);
  const { seen, fault, retry } = useLooking<Seen>(
    key,
    isVisible && !isPaused,
    (before, count, signal) => {
      const now = clock();
      const { currency } = state;
      const sight = { start: startOf(minutes, now), now, zone, filters: where, currency };
      return look(wire, sight, kindsToAsk(where, before?.kinds ?? null, count), signal);
    },
  );
  const currency = state.currency || seen?.currencies[0] || "usd";
  const isOver = fault !== null && !fault.isPassing;
  return (
    <>
      <ViewHead
        title="Live"
        tools={
          <>
            <LiveStatus {...{ isPaused, fault, zone }} seenAt={seen?.at ?? null} />
            {seen && seen.currencies.length > 1 && (
              <Select
                label="Currency"
                options={seen.currencies.map((value) => ({ value, label: value.toUpperCase() }))}
                value={currency}
                onChange={(chosen) => change({ currency: chosen })}
              />
            )}
            <Segments
              label="How far back"
              options={SPANS.map((value) => ({ value, label: `${value} min` }))}
              value={minutes}
              onChange={(chosen) => change({ minutes: chosen })}
            />
            <Button onClick={() => setPaused(!isPaused)}>{isPaused ? "Go on" : "Pause"}</Button>
          </>
        }
      />
      <FilterChips filters={where} onChange={(filters) => change({ where: filters })} />
      {isOver ? (
        <Failure fault={fault} onRetry={retry} />
      ) : (
        <div class="live">
          <LiveTiles {...{ seen, currency }} />
          {seen ? (
            <>
              <MinutesCard
                {...{ seen, show, zone, currency }}
                onShow={(measure) => change({ show: measure })}
                onMinute={(span) => location.go(minutePlace(state, span))}
                onModel={(model) => change({ where: new Map([...where, ["model", [model]]]) })}
              />
              <div class="live-lists tables">
                <ModelsCard {...{ seen, show, currency }} />
                <NewestCard {...{ seen, zone }} />
              </div>
            </>
          ) : (
            <div class="live-waiting">
              <SkeletonBlock label="Looking at the last minutes" />
            </div>
          )}
        </div>
      )}
    </>
  );
}
