import type { RateCard } from "../../wire/prices";
import { StandingBadge } from "./standing";
import { lengthText, sortText } from "./traits";

export interface CardSortProps {
  readonly card: RateCard;
  /** What else to say of it, quietly. */
  readonly note?: string;
  /** Whether it is another one that holds now. */
  readonly isPast?: boolean;
}

/** Which requests a card is for, and how far its prices are known. */
export function CardSort({ card, note, isPast = false }: CardSortProps) {
  const told = [lengthText(card.traits), note].filter(Boolean).join(", ");
  return (
    <span class="two-lines">
      <span class="sort">
        <span class={isPast ? "quiet" : undefined}>{sortText(card.traits)}</span>
        <StandingBadge standing={card.standing} />
      </span>
      {told !== "" && <span class="second-line">{told}</span>}
    </span>
  );
}
