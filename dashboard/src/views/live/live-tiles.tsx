import Big from "big.js";
import { Tile } from "../../parts/tile";
import { formatCount, unitOf } from "../../quantities/counts";
import { sum } from "../../quantities/money";
import { type Figures, figuresOf } from "./figures";
import type { Seen } from "./look";
import { lastWhole, totalsOf } from "./minutes";
import { MEASURES, type Measure } from "./state";

export interface LiveTilesProps {
  /** Null before the first look. */
  readonly seen: Seen | null;
  readonly currency: string;
}

/** What the last minutes came to, by each measure. */
export function LiveTiles({ seen, currency }: LiveTilesProps) {
  return (
    <div class="tiles">
      {MEASURES.map((measure) => {
        const figures = figuresOf(measure, currency);
        return seen ? (
          <MeasureTile key={measure} {...{ measure, figures, seen }} />
        ) : (
          <Tile key={measure} title={figures.title} figure={null} />
        );
      })}
    </div>
  );
}

interface MeasureTileProps {
  readonly measure: Measure;
  readonly figures: Figures;
  readonly seen: Seen;
}

function MeasureTile({ measure, figures, seen }: MeasureTileProps) {
  const values = totalsOf(seen.sums, measure);
  const total = sum(values);
  const last = lastWhole(seen.sums, measure, seen.at) ?? new Big(0);
  const unpriced = measure === "spend" ? (seen.sums.unpricedEvents ?? 0) : 0;
  return (
    <Tile
      title={figures.title}
      figure={figures.short(total)}
      exact={figures.exact(total)}
      note={
        <>
          {`${figures.short(last)} in the last whole minute`}
          {unpriced > 0 && (
            <>
              {", "}
              <a href="#/prices">
                {`${formatCount(unpriced)} ${unitOf(unpriced, "events")} without a price`}
              </a>
            </>
          )}
        </>
      }
      course={values.map(Number)}
    />
  );
}
