import { useCallback, useLayoutEffect, useState } from "preact/hooks";
import { asFault, type Fault, isAborted } from "../wire/errors";

/** What is known of an answer that a part waits for. */
export interface Awaited<T> {
  /** The newest answer that there is, which may be to the question before; null without any. */
  readonly value: T | null;
  /** Why the newest question has no answer; null while it may have one. */
  readonly fault: Fault | null;
  /** Whether the newest question is not answered yet. */
  readonly isWaiting: boolean;
  /** Ask again. */
  readonly retry: () => void;
}

/** Whether there is an answer, or a fault in its place: of this question or of the one before. */
export function isAnswered({ value, fault }: Awaited<unknown>): boolean {
  return value !== null || fault !== null;
}

interface Kept<T> {
  readonly key: string | null;
  readonly value: T | null;
  readonly fault: Fault | null;
}

/**
 * Ask whenever `key` changes; a newer question cancels the one before, and its answer stays until
 * the new one is there. `ask` is told apart by `key` alone. A null key asks nothing.
 */
export function useAnswer<T>(
  key: string | null,
  ask: (signal: AbortSignal) => Promise<T>,
): Awaited<T> {
  const [kept, keep] = useState<Kept<T>>({ key: null, value: null, fault: null });
  const [attempt, setAttempt] = useState(0);
  const asked = key === null ? null : `${attempt} ${key}`;

  // Runs for each key: `ask` is a new function each time, and means the same for one key. Before
  // the page is painted, so that the server works meanwhile.
  useLayoutEffect(() => {
    if (asked === null) return;
    const controller = new AbortController();
    ask(controller.signal).then(
      (value) => {
        if (!controller.signal.aborted) keep({ key: asked, value, fault: null });
      },
      (thrown: unknown) => {
        if (controller.signal.aborted || isAborted(thrown)) return;
        keep((before) => ({ key: asked, value: before.value, fault: asFault(thrown) }));
      },
    );
    return () => controller.abort();
  }, [asked]);

  const retry = useCallback(() => setAttempt((count) => count + 1), []);
  const isWaiting = asked !== null && kept.key !== asked;
  return { value: kept.value, fault: isWaiting ? null : kept.fault, isWaiting, retry };
}
