import type { RateCard } from "../../wire/prices";
import { sourceOf } from "./rates";
import { StandingBadge } from "./standing";
import { lengthText, type Sort } from "./traits";
import { formatRate, groupedRates, lotOf } from "./unit-prices";
import { validityText } from "./validity";

/** What one sort of request costs: every line of its cards, until when, and who says so. */
export function PriceCard({ sort }: { readonly sort: Sort }) {
  const [first] = sort.cards;
  const says = new Set(sort.cards.flatMap(({ rates }) => rates.map(sourceOf)).filter(Boolean));
  return (
    <article class="price-card" aria-label={sort.name}>
      <header>
        <h3>{sort.name}</h3>
        {first && <StandingBadge standing={first.standing} />}
      </header>
      {sort.cards.map((card) => (
        <Lines key={card.traits.aboveInputTokens} card={card} />
      ))}
      <footer class="second-line">
        {first && <p>Holds {validityText(first)}</p>}
        {[...says].map((source) => (
          <p key={source}>{source}</p>
        ))}
      </footer>
    </article>
  );
}

function Lines({ card }: { readonly card: RateCard }) {
  const length = lengthText(card.traits);
  return (
    <div>
      {length && <h4 class="price-length">{length}</h4>}
      <dl>
        {groupedRates(card.rates).map(({ labels: [label, ...others], rate }) => (
          <div key={label} class="price-line">
            <dt>
              {label}
              {others.length > 0 && <span class="second-line">{others.join(", ")}</span>}
            </dt>
            <dd>
              {formatRate(rate)}
              {rate.unitPrice?.gt(0) && <span class="quiet"> / {lotOf(rate.unit).text}</span>}
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
