import { formatCount, quantityLabel } from "../../quantities/counts";
import type { RateCard, Traits } from "../../wire/prices";
import { STANDARD_TIERS } from "../../wire/tables";

/** Whether requests are served as any other: neither in a batch nor in a tier with its own price. */
export function isStandard({ isBatch, serviceTier }: Traits): boolean {
  return !isBatch && (serviceTier === null || STANDARD_TIERS.has(serviceTier));
}

/** What apart from its model a card is for: `completions, batch`, `images, 1024x1024, high`. */
export function traitsText(traits: Traits): string {
  return [sortText(traits), lengthText(traits)].filter((part) => part !== null).join(", ");
}

/** From which length of a request on a card holds: `above 272,000 input tokens`; null from none. */
export function lengthText({ aboveInputTokens }: Traits): string | null {
  return aboveInputTokens > 0 ? `above ${formatCount(aboveInputTokens)} input tokens` : null;
}

/** The same without regard to the length of requests. */
export function sortText(traits: Traits): string {
  const { serviceTier, contextLevel } = traits;
  const tier = serviceTier !== null && !STANDARD_TIERS.has(serviceTier) ? serviceTier : null;
  return [
    quantityLabel(traits.kind),
    traits.isBatch ? "batch" : null,
    tier,
    traits.size,
    traits.quality,
    contextLevel === null ? null : `${contextLevel} context`,
  ]
    .filter((part) => part !== null)
    .join(", ");
}

/** What a card is told apart from others by. */
export function cardId({ traits, validFrom, validUntil, rates }: RateCard): string {
  const prices = rates.map(({ label, unitPrice, source }) => [label, unitPrice?.toFixed(), source]);
  return JSON.stringify([Object.values(traits), validFrom, validUntil, prices]);
}

/**
 * Cards in use, those that read the same as one: a request without a tier and one of the tier that
 * is called `default` have two cards and one price.
 */
export function mergedCards(cards: readonly RateCard[]): readonly RateCard[] {
  const merged = new Map<string, RateCard>();
  for (const card of cards) {
    const traits = isStandard(card.traits) ? { ...card.traits, serviceTier: null } : card.traits;
    const id = cardId({ ...card, traits });
    const before = merged.get(id);
    merged.set(id, before ? withUse(before, card) : { ...card, traits });
  }
  return [...merged.values()];
}

/** A card with the events of another one as well. */
function withUse(card: RateCard, other: RateCard): RateCard {
  const known = (...moments: readonly (number | null)[]): readonly number[] =>
    moments.filter((moment) => moment !== null);
  const firsts = known(card.firstEvent, other.firstEvent);
  const lasts = known(card.lastEvent, other.lastEvent);
  return {
    ...card,
    events: (card.events ?? 0) + (other.events ?? 0),
    firstEvent: firsts.length > 0 ? Math.min(...firsts) : null,
    lastEvent: lasts.length > 0 ? Math.max(...lasts) : null,
  };
}

/** The cards that have every word of a search: in their model, provider, sort or sources. */
export function matchingCards(cards: readonly RateCard[], search: string): readonly RateCard[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return cards.filter((card) => {
    const { traits, standing, rates } = card;
    const sources = rates.map(({ label, source, note }) => `${label} ${source} ${note}`).join(" ");
    const text = `${traits.model ?? ""} ${traits.provider} ${traitsText(traits)} ${standing} ${sources}`;
    return words.every((word) => text.toLowerCase().includes(word));
  });
}

/** The cards with a line that nobody prices, those with the most events first. */
export function unpricedCards(cards: readonly RateCard[]): readonly RateCard[] {
  return cards
    .filter((card) => card.rates.some((rate) => rate.standing === "unpriced"))
    .toSorted((one, other) => (other.events ?? 0) - (one.events ?? 0));
}

/** Cards of one sort of request, the longer requests after the others. */
export interface Sort {
  readonly name: string;
  readonly cards: readonly RateCard[];
}

/** The cards of a price list by sort of request, in their order. */
export function sortsOf(cards: readonly RateCard[]): readonly Sort[] {
  const sorts = new Map<string, RateCard[]>();
  for (const card of cards) {
    const name = sortText(card.traits);
    sorts.set(name, [...(sorts.get(name) ?? []), card]);
  }
  return [...sorts].map(([name, same]) => ({
    name,
    cards: same.toSorted(
      (one, other) => one.traits.aboveInputTokens - other.traits.aboveInputTokens,
    ),
  }));
}
