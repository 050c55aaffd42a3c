import { shellQuoted } from "../../logic/snippets";
import type { RepricingWish } from "../../wire/prices";
import { dayOf } from "./wish";

/** The command that previews a wish; `--apply --why` then does it. */
export function repriceCommand({ since, until, model }: RepricingWish): string {
  return [
    "tallybook reprice",
    `--since ${dayOf(since)}`,
    until === null ? null : `--until ${dayOf(until)}`,
    model === null ? null : `--model ${shellQuoted(model)}`,
  ]
    .filter((part) => part !== null)
    .join(" ");
}
