import { formatDate, formatMoment } from "../../quantities/times";
import { DAY_SECONDS, UTC } from "../../state/zones";
import type { RateCard } from "../../wire/prices";

/** When a card holds: `always`, `from 12 Oct 2026`, `until 1 Nov 2026, 12:00`. Times are UTC. */
export function validityText({
  validFrom,
  validUntil,
}: Pick<RateCard, "validFrom" | "validUntil">): string {
  const parts = [
    validFrom === null ? null : `from ${momentText(validFrom)}`,
    validUntil === null ? null : `until ${momentText(validUntil)}`,
  ].filter((part) => part !== null);
  return parts.length === 0 ? "always" : parts.join(" ");
}

/** A moment in UTC: its date alone at midnight. */
export function momentText(seconds: number): string {
  return seconds % DAY_SECONDS === 0 ? formatDate(seconds, UTC) : formatMoment(seconds, UTC);
}

/** Whether a card holds at a moment. */
export function holdsAt({ validFrom, validUntil }: RateCard, at: number): boolean {
  return (validFrom === null || validFrom <= at) && (validUntil === null || at < validUntil);
}
