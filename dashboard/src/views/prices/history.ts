import type { RateCard } from "../../wire/prices";
import { cardId } from "./traits";

/** What a model's list price was and will be. */
export interface PriceHistory {
  /** Of each sort of request whose price changed its cards, the newest first. */
  readonly changes: readonly RateCard[];
  /** Whether there are changes beyond those that were asked for. */
  readonly isCut: boolean;
}

/** So many changes are walked each way: prices that go by the time of day change every day. */
export const STEPS_MAX = 12;

/** The cards of a price list at a moment in Unix seconds. */
export type AskAt = (at: number) => Promise<readonly RateCard[]>;

/**
 * Walk a model's price list from change to change, back and ahead of a moment.
 *
 * The list says until when each of its cards holds: the moment before the latest beginning is
 * that of the list before.
 */
export async function priceHistory(now: number, askAt: AskAt): Promise<PriceHistory> {
  const cards = new Map<string, RateCard>();
  const keep = (found: readonly RateCard[]): void => {
    for (const card of found) cards.set(cardId(card), card);
  };
  const present = await askAt(now);
  keep(present);
  let isCut = false;
  for (const step of [changeBefore, changeAfter]) {
    let at = step(present);
    for (let steps = 0; at !== null; steps += 1) {
      if (steps === STEPS_MAX) {
        isCut = true;
        break;
      }
      const found = await askAt(at);
      keep(found);
      at = step(found);
    }
  }
  return { changes: changesIn([...cards.values()]), isCut };
}

/** The last whole second before any of the cards began; null when all always held. */
function changeBefore(cards: readonly RateCard[]): number | null {
  const starts = cards.flatMap(({ validFrom }) => validFrom ?? []);
  return starts.length === 0 ? null : Math.ceil(Math.max(...starts)) - 1;
}

/** When the first of the cards ends; null when all hold for good. */
function changeAfter(cards: readonly RateCard[]): number | null {
  const ends = cards.flatMap(({ validUntil }) => validUntil ?? []);
  return ends.length === 0 ? null : Math.ceil(Math.min(...ends));
}

/** The cards of sorts that have several, in the order in which sorts came up. */
function changesIn(cards: readonly RateCard[]): readonly RateCard[] {
  const sorts = new Map<string, RateCard[]>();
  for (const card of cards) {
    const sort = JSON.stringify(Object.values(card.traits));
    sorts.set(sort, [...(sorts.get(sort) ?? []), card]);
  }
  const start = ({ validFrom }: RateCard): number => validFrom ?? Number.NEGATIVE_INFINITY;
  return [...sorts.values()]
    .filter((same) => same.length > 1)
    .flatMap((same) => same.toSorted((one, other) => start(other) - start(one)));
}
