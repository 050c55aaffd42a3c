import { useEffect, useMemo } from "preact/hooks";
import { useServices } from "../services";
import { type Fields, readFields, writeFields } from "../state/fields";
import { type Question, questionFields } from "../state/question";

/** A view's state in the address, and how to change a part of it. */
export interface ViewState<T> {
  readonly state: T;
  readonly change: (part: Partial<T>) => void;
  /** The state as text: what is equal is the same. */
  readonly key: string;
}

/** The state that an address has for some fields. What it leaves out is written into it. */
export function useViewState<T extends object>(fields: Fields<T>): ViewState<T> {
  const { location } = useServices();
  const { view, pairs } = location.place.value;
  const state = useMemo(() => readFields(fields, pairs), [fields, pairs]);
  const key = JSON.stringify(writeFields(fields, state));
  // Once when one comes to a view: from then on every change writes the whole state.
  useEffect(() => {
    location.settle(fields, state);
  }, [view]);
  return { state, key, change: (part) => location.change(fields, { ...state, ...part }) };
}

/** The question that views share. */
export function useQuestion(): ViewState<Question> {
  const { zone } = useServices();
  const fields = useMemo(() => questionFields(zone), [zone]);
  return useViewState(fields);
}
