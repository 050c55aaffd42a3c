import { formatCount, quantityLabel } from "../../quantities/counts";
import type { RateCard, Traits } from "../../wire/prices";
import { STANDARD_TIERS } from "../../wire/tables";

/** Whether requests are served as any other: neither in a batch nor in a tier with its own price. */
export function isStandard({ isBatch, serviceTier }: Traits): boolean {
  return !isBatch && (serviceTier === null || STANDARD_TIERS.has(serviceTier));
}

/** What apart from its model a card is for: `completions`, `images, 1024x1024, high`, `completions, batch`. */
export function traitsText(traits: Traits): string {
  const { serviceTier, aboveInputTokens, contextLevel } = traits;
  const tier = serviceTier !== null && !STANDARD_TIERS.has(serviceTier) ? serviceTier : null;
  return [
    quantityLabel(traits.kind),
    traits.isBatch ? "batch" : null,
    tier,
    traits.size,
    traits.quality,
    contextLevel === null ? null : `${contextLevel} context`,
    aboveInputTokens > 0 ? `above ${formatCount(aboveInputTokens)} input tokens` : null,
  ]
    .filter((part) => part !== null)
    .join(", ");
}

/** What a card is told apart from others by. */
export function cardId({ traits, validFrom, validUntil, rates }: RateCard): string {
  const prices = rates.map(({ label, unitPrice, source }) => [label, unitPrice?.toFixed(), source]);
  return JSON.stringify([Object.values(traits), validFrom, validUntil, prices]);
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

/** The cards of one thing that have no price, those with the most events first. */
export function unpricedCards(cards: readonly RateCard[]): readonly RateCard[] {
  return cards
    .filter((card) => card.rates.some((rate) => rate.standing === "unpriced"))
    .toSorted((one, other) => (other.events ?? 0) - (one.events ?? 0));
}
