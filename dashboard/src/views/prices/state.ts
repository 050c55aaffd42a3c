import { type Fields, parsedField, textField } from "../../state/fields";

/** What one looks at among the prices. */
export interface PricesState {
  /** The model whose price list is open; empty for the whole book. */
  readonly model: string;
  readonly provider: string;
  /** The moment of the list, in Unix seconds; null is now. */
  readonly at: number | null;
  /** What the book is searched for. */
  readonly find: string;
}

/** Whose a model is, where nobody says it: as for events. */
export const DEFAULT_PROVIDER = "openai";

export const PRICES_FIELDS: Fields<PricesState> = {
  model: textField(),
  provider: textField(DEFAULT_PROVIDER),
  at: parsedField<number | null>(readMoment, (at) => (at === null ? "" : String(at)), null),
  find: textField(),
};

/** The API takes eleven digits at most. */
function readMoment(text: string): number | null {
  return /^\d{1,11}$/.test(text) ? Number(text) : null;
}
