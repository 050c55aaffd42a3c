import { type Anomaly, anomaliesOf } from "../../logic/anomalies";
import { hourAt, weekdayAt } from "../../state/zones";
import type { Sums } from "../../wire/usage";
import { amountsOf, type Frame, rhythmWidth } from "./questions";

/** Which rhythm a moment belongs to: its weekday, or its weekday and hour. */
export function rhythmOf(start: number, frame: Frame): string {
  const weekday = weekdayAt(frame.zone, start);
  return rhythmWidth(frame) === "1h" ? `${weekday} ${hourAt(frame.zone, start)}` : `${weekday}`;
}

/** The remarkable days or hours of a frame, beside all that there were before it. */
export function remarkable(history: Sums, frame: Frame): readonly Anomaly[] {
  const amounts = amountsOf(history.buckets);
  const beats = history.buckets.map(({ start, end }, at) => ({
    start,
    end,
    rhythm: rhythmOf(start, frame),
    value: Number(amounts[at] ?? 0),
  }));
  // Before the first spend there was no rhythm, and what is not over has not come to its sum.
  const first = beats.findIndex(({ value }) => value > 0);
  const known = first < 0 ? [] : beats.slice(first).filter(({ end }) => end <= frame.now);
  return anomaliesOf(known).filter(({ start }) => start >= frame.span.start);
}
