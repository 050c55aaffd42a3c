import { useState } from "preact/hooks";
import { Dialog } from "../../parts/dialog";
import { TextField } from "../../parts/field";
import { Snippet } from "../../parts/snippet";
import type { RateCard } from "../../wire/prices";
import type { PriceKey } from "../../wire/tables";
import { amountFault, type Entry, entryText, isComplete, missingKeys } from "./entry";
import { Repricing } from "./repricing";
import { traitsText } from "./traits";
import { lotOf } from "./unit-prices";
import { dayOf, wishOf } from "./wish";

export interface AddPriceDialogProps {
  /** A card with a line that nobody prices. */
  readonly card: RateCard;
  readonly mayReprice: boolean;
  readonly onClose: () => void;
  /** Called when events were priced again. */
  readonly onApplied: () => void;
}

/** State a price: what to write into the price file, and what it then changes. */
export function AddPriceDialog({ card, mayReprice, onClose, onApplied }: AddPriceDialogProps) {
  const { traits, firstEvent } = card;
  const [entry, setEntry] = useState<Entry>({
    traits,
    from: firstEvent === null ? "" : dayOf(firstEvent),
    currency: "usd",
    prices: {},
    note: "",
  });
  const { main, narrow } = missingKeys(card);
  const keys = [...main, ...narrow];
  const change = (part: Partial<Entry>): void => setEntry({ ...entry, ...part });
  const priceField = (key: PriceKey) => (
    <TextField
      key={key.name}
      label={`${key.label}, per ${lotOf(key.unit).text}`}
      value={entry.prices[key.name] ?? ""}
      onInput={(typed) => change({ prices: { ...entry.prices, [key.name]: typed } })}
      fault={amountFault(entry.prices[key.name] ?? "", key.unit)}
      placeholder="0.00"
    />
  );
  const isReady = isComplete(entry, keys);
  const first = entry.from || (firstEvent === null ? "1970-01-01" : dayOf(firstEvent));
  return (
    <Dialog
      title={`Add a price for ${traits.model ?? traitsText(traits)}`}
      onClose={onClose}
      isWide
    >
      <p class="quiet">{`${traits.provider}, ${traitsText(traits)}`}</p>
      <div class="entry">
        <div class="entry-fields">
          {main.map(priceField)}
          {narrow.length > 0 && (
            <details class="entry-narrow">
              <summary>Prices of their own, for what is otherwise paid as above</summary>
              <div class="entry-fields">{narrow.map(priceField)}</div>
            </details>
          )}
          <div class="entry-pair">
            <TextField
              label="From (UTC)"
              type="date"
              value={entry.from}
              onInput={(from) => change({ from })}
              hint="Empty: always."
            />
            <TextField
              label="Currency"
              value={entry.currency}
              onInput={(currency) => change({ currency: currency.trim().toLowerCase() })}
              hint="Three letters, as usd."
            />
          </div>
          <TextField
            label="Note"
            value={entry.note}
            onInput={(note) => change({ note })}
            hint="Who agreed to it; it is told with the price."
          />
        </div>
        <div class="entry-text">
          <h3>1. Write it into the price file</h3>
          {isReady ? (
            <Snippet label="The price as TOML" code={entryText(entry, keys)} />
          ) : (
            <p class="entry-waiting">Fill in a price, and what to write stands here.</p>
          )}
          <p class="field-hint">
            At the end of the file that the setting <code>prices</code> names (
            <code>TALLYBOOK_PRICES</code>); without one, <code>prices.toml</code> in the data
            folder. The server reads it by itself. A file with a fault is refused whole, and told
            here.
          </p>
        </div>
      </div>
      <h3>2. Price what is stored again</h3>
      <Repricing
        wish={wishOf({ first, last: "", model: traits.model ?? "" })}
        {...{ mayReprice, onApplied, onClose }}
      />
    </Dialog>
  );
}
