import type { RateCard } from "../../wire/prices";
import { sourceOf } from "./rates";
import { StandingBadge } from "./standing";
import { traitsText } from "./traits";
import { formatRate, groupedRates, lotOf } from "./unit-prices";
import { validityText } from "./validity";

/** One rate card in full: what is paid for, how much, and who says so. */
export function PriceCard({ card }: { readonly card: RateCard }) {
  const groups = groupedRates(card.rates);
  const sources = [...new Set(groups.map(({ rate }) => sourceOf(rate)))].filter(Boolean);
  return (
    <article class="price-card" aria-label={traitsText(card.traits)}>
      <header>
        <h3>{traitsText(card.traits)}</h3>
        <StandingBadge standing={card.standing} />
      </header>
      <dl>
        {groups.map(({ labels, rate }) => (
          <div key={labels.join()} class="price-line">
            <dt>{labels.join(", ")}</dt>
            <dd>
              <span>{formatRate(rate)}</span>
              {rate.unitPrice?.gt(0) && <span class="quiet"> / {lotOf(rate.unit).text}</span>}
            </dd>
          </div>
        ))}
      </dl>
      <footer class="second-line">
        <p>{validityText(card)}</p>
        {sources.map((source) => (
          <p key={source}>{source}</p>
        ))}
      </footer>
    </article>
  );
}
