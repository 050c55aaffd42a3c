import { choiceField, type Fields, listField, parsedField, textField } from "../../state/fields";
import { type Question, questionFields } from "../../state/question";
import { type Range, readRange, writeRange } from "../../state/ranges";

/** What the view shows of its lists, beside the question that views share. */
export interface ListState extends Question {
  /** Whether archived projects are in their list. */
  readonly archived: "yes" | "no";
  /** Whether revoked keys are in theirs. */
  readonly revoked: "yes" | "no";
  /** The project whose keys are listed; empty for those of the organization. */
  readonly of: string;
  /** Types of entries of the audit log; none is all. */
  readonly types: readonly string[];
  /** Ids of who changed something; none is anyone. */
  readonly actors: readonly string[];
  /** Ids of what was changed; none is anything. */
  readonly subjects: readonly string[];
  /** When it was changed; null is any time. */
  readonly when: Range | null;
}

/** So many values one filters by at once. */
const VALUES_MAX = 50;

const YES_OR_NO = ["no", "yes"] as const;

/** The fields of the view; `zone` is that of whoever has said nothing about it. */
export function listFields(zone: string): Fields<ListState> {
  return {
    ...questionFields(zone),
    archived: choiceField(YES_OR_NO, "no"),
    revoked: choiceField(YES_OR_NO, "no"),
    of: textField(),
    types: listField(isAny, VALUES_MAX),
    actors: listField(isAny, VALUES_MAX),
    subjects: listField(isAny, VALUES_MAX),
    when: parsedField<Range | null>(
      readRange,
      (range) => (range === null ? "" : writeRange(range)),
      null,
    ),
  };
}

function isAny(): boolean {
  return true;
}
