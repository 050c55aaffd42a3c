import { PRICES_WRITE } from "../../wire/prices";
import type { SessionState } from "../../wire/session";

/** What a key may do about prices. */
export interface PriceAccess {
  /** Rate cards and repricings are the whole organization's; a list price is anybody's. */
  readonly seesBook: boolean;
  readonly mayReprice: boolean;
}

/** What whoever is logged in may do. */
export function priceAccess(state: SessionState): PriceAccess {
  if (state.is !== "in") return { seesBook: false, mayReprice: false };
  const { projects, scopes } = state.who;
  const seesBook = projects === null;
  return { seesBook, mayReprice: seesBook && scopes.includes(PRICES_WRITE) };
}
