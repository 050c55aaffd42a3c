import { colourOf, type Slot } from "./palette";
import type { DrawnSeries } from "./series";

/** A spot in a series' colour, beside its name. */
export function Swatch({ slot }: { readonly slot: Slot }) {
  return (
    <svg class="swatch" viewBox="0 0 9 9" aria-hidden="true">
      <rect width="9" height="9" rx="2.5" fill={colourOf(slot)} />
    </svg>
  );
}

export interface LegendProps {
  readonly series: readonly DrawnSeries[];
  /** Called with the series under the pointer or the focus, and with null when it leaves. */
  readonly onPoint: (id: string | null) => void;
  /** With it the names are buttons. */
  readonly onChoose?: ((series: DrawnSeries) => void) | undefined;
}

/** Which colour is whose. */
export function Legend({ series, onPoint, onChoose }: LegendProps) {
  return (
    <ul class="legend" aria-label="Legend">
      {series.map((each) => (
        <li
          key={each.id}
          onPointerEnter={() => onPoint(each.id)}
          onPointerLeave={() => onPoint(null)}
        >
          {onChoose && !each.isOther ? (
            <button
              type="button"
              class="legend-item"
              onClick={() => onChoose(each)}
              onFocus={() => onPoint(each.id)}
              onBlur={() => onPoint(null)}
            >
              <Swatch slot={each.slot} />
              <span class="clipped">{each.label}</span>
            </button>
          ) : (
            <span class="legend-item">
              <Swatch slot={each.slot} />
              <span class="clipped">{each.label}</span>
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}
