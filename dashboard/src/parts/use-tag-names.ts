import { useServices } from "../services";
import type { Span } from "../state/ranges";
import { tagNamesOf } from "../wire/tag-names";
import { type Awaited, useAnswer } from "./use-answer";

/** The names of tags in a span, asked for once they are wanted. */
export function useTagNames(span: Span, isWanted: boolean): Awaited<readonly string[]> {
  const { wire } = useServices();
  return useAnswer(isWanted ? `${span.start} ${span.end}` : null, (signal) =>
    tagNamesOf(wire, span, signal),
  );
}
