import { type Fields, parsedField, textField } from "../../state/fields";
import { type Question, questionFields } from "../../state/question";

/** What one looks at among the prices; the question that other views share is kept for them. */
export interface PricesState extends Question {
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

/** The fields of the view; `zone` is that of whoever has said nothing about it. */
export function pricesFields(zone: string): Fields<PricesState> {
  return {
    ...questionFields(zone),
    model: textField(),
    provider: textField(DEFAULT_PROVIDER),
    at: parsedField<number | null>(readMoment, (at) => (at === null ? "" : String(at)), null),
    find: textField(),
  };
}

/** The API takes eleven digits at most. */
function readMoment(text: string): number | null {
  return /^\d{1,11}$/.test(text) ? Number(text) : null;
}
