import { useCallback, useRef, useState } from "preact/hooks";
import { useServices } from "../services";
import { type ListSource, listPage, UNWALKED, type Walked, walk } from "../wire/lists";
import { type Awaited, useAnswer } from "./use-answer";

/** A list that is shown page by page. */
export interface Listed<T> extends Awaited<Walked<T>> {
  /** Show a page more. */
  readonly more: () => void;
  /** Ask anew for as much as is shown: something in the list was changed. */
  readonly reload: () => void;
}

interface Demand {
  readonly key: string;
  /** Rows that are wanted, at least. */
  readonly count: number;
  /** Counts the changes that were made to the list. */
  readonly version: number;
}

/** The rows of a list, from its first page on. */
export function useList<T>(source: ListSource): Listed<T> {
  const { wire } = useServices();
  const key = JSON.stringify(source);
  const [kept, setDemand] = useState<Demand>({ key, count: 1, version: 0 });
  const demand = kept.key === key ? kept : { ...kept, key, count: 1 };
  // What was walked of this list since it was changed: further pages go on from there.
  const identity = `${demand.version} ${key}`;
  const last = useRef<{ identity: string; walked: Walked<T> }>({ identity: "", walked: UNWALKED });

  const answer = useAnswer(`${demand.count} ${identity}`, async (signal) => {
    const from = last.current.identity === identity ? last.current.walked : UNWALKED;
    const walked = await walk<T>(
      (after) => listPage<T>(wire, source, after, signal),
      from,
      demand.count,
    );
    last.current = { identity, walked };
    return walked;
  });

  const shown = answer.value?.rows.length ?? 0;
  const more = useCallback(
    () => setDemand({ ...demand, count: shown + 1 }),
    [key, demand.version, shown],
  );
  const reload = useCallback(
    () =>
      setDemand((before) => ({
        key,
        count: Math.max(1, shown),
        version: before.version + 1,
      })),
    [key, shown],
  );
  return { ...answer, more, reload };
}
