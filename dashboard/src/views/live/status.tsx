import { formatSecond } from "../../quantities/times";
import type { Fault } from "../../wire/errors";

export interface LiveStatusProps {
  readonly isPaused: boolean;
  readonly fault: Fault | null;
  /** Unix seconds; null before the first look. */
  readonly seenAt: number | null;
  readonly zone: string;
}

/** Whether it moves, and when it was looked last. Only a change of the first is said aloud. */
export function LiveStatus({ isPaused, fault, seenAt, zone }: LiveStatusProps) {
  const word = isPaused ? "Paused" : fault ? "Waiting for the server" : "Live";
  return (
    <p class="live-status">
      <span class={word === "Live" ? "pulse" : "live-still"} />
      <span role="status">{word}</span>
      {seenAt !== null && (
        <time class="quiet figures" dateTime={new Date(seenAt * 1000).toISOString()}>
          {formatSecond(seenAt, zone).split(", ")[1]}
        </time>
      )}
    </p>
  );
}
