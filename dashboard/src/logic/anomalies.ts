import { median, medianDeviation } from "./statistics";

/** A sum at a moment, and the rhythm that it belongs to: its weekday, or weekday and hour. */
export interface Beat {
  /** Unix seconds. */
  readonly start: number;
  readonly rhythm: string;
  /** A float is good enough to say whether an amount is remarkable. */
  readonly value: number;
}

/** A sum that is far from its rhythm. */
export interface Anomaly {
  readonly start: number;
  readonly value: number;
  /** The median of the others of its rhythm. */
  readonly usual: number;
  /** How many robust standard deviations it is away: positive above, negative below. */
  readonly score: number;
}

/** As far from its rhythm as this is remarkable; 3.5 is Iglewicz and Hoaglin's. */
const SCORE_MIN = 3.5;
/** And by so much of what is usual, so that a steady number does not make noise remarkable. */
const SHARE_MIN = 0.35;
/** Fewer others say nothing about a rhythm. */
const OTHERS_MIN = 3;
/** A normal distribution's median deviation, in standard deviations. */
const NORMAL = 0.6745;
/** The least spread that is believed, as a share of what is usual. */
const SPREAD_MIN = 0.06;

/**
 * The sums that are far from their rhythm, the most remarkable first.
 *
 * Each is compared with the others of its rhythm: median and median deviation, which one outlier
 * does not move. `share` of nothing usual counts as far: a Sunday that never had any spend.
 */
export function anomaliesOf(beats: readonly Beat[]): readonly Anomaly[] {
  const byRhythm = Map.groupBy(beats, (beat) => beat.rhythm);
  const largest = Math.max(0, ...beats.map((beat) => beat.value));
  const found: Anomaly[] = [];
  for (const group of byRhythm.values()) {
    for (const beat of group) {
      const others = group.filter((each) => each !== beat).map((each) => each.value);
      if (others.length < OTHERS_MIN) continue;
      const anomaly = compared(beat, others, largest);
      if (anomaly) found.push(anomaly);
    }
  }
  return found.toSorted((one, other) => Math.abs(other.score) - Math.abs(one.score));
}

function compared(beat: Beat, others: readonly number[], largest: number): Anomaly | null {
  const usual = median(others);
  const distance = beat.value - usual;
  // What is little beside everything is never remarkable.
  if (Math.abs(distance) < Math.max(SHARE_MIN * usual, 0.02 * largest) || distance === 0)
    return null;
  const spread = Math.max(medianDeviation(others), SPREAD_MIN * usual, 0.005 * largest);
  const score = (NORMAL * distance) / spread;
  return Math.abs(score) < SCORE_MIN
    ? null
    : { start: beat.start, value: beat.value, usual, score };
}

/** What a group had, and what it usually has. */
export interface Driver {
  readonly id: string;
  readonly value: number;
  readonly usual: number;
}

/** The group that moved a sum away from its rhythm the most, in the sum's direction; null of none. */
export function driverOf(
  groups: readonly {
    readonly id: string;
    readonly value: number;
    readonly others: readonly number[];
  }[],
  isAbove: boolean,
): Driver | null {
  const moved = groups
    .map(({ id, value, others }) => ({ id, value, usual: others.length > 0 ? median(others) : 0 }))
    .map((driver) => ({ driver, distance: (driver.value - driver.usual) * (isAbove ? 1 : -1) }))
    .filter(({ distance }) => distance > 0)
    .toSorted((one, other) => other.distance - one.distance);
  return moved[0]?.driver ?? null;
}
