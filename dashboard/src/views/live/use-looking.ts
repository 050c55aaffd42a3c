import { useEffect, useRef, useState } from "preact/hooks";
import type { Fault } from "../../wire/errors";
import { BROWSER_TIMERS, Looking } from "./looking";

/** What the looks so far came to. */
export interface Looked<T> {
  /** What was seen last; null before the first look. */
  readonly seen: T | null;
  /** Why the last look saw nothing; null when it did. */
  readonly fault: Fault | null;
}

/**
 * Look again and again while `isRunning`, from the beginning whenever `key` changes.
 *
 * `look` is told apart by `key` alone; it is given what was seen before (null at the beginning)
 * and how many looks there were.
 */
export function useLooking<T>(
  key: string,
  isRunning: boolean,
  look: (before: T | null, count: number, signal: AbortSignal) => Promise<T>,
): Looked<T> & { readonly retry: () => void } {
  const [looked, setLooked] = useState<Looked<T>>({ seen: null, fault: null });
  const [attempt, setAttempt] = useState(0);
  const newest = useRef(look);
  newest.current = look;
  useEffect(() => {
    if (!isRunning) return;
    let before: T | null = null;
    let count = 0;
    const looking = new Looking<T>(
      (signal) => {
        count += 1;
        return newest.current(before, count - 1, signal);
      },
      {
        onSeen: (seen) => {
          before = seen;
          setLooked({ seen, fault: null });
        },
        onFault: (fault) => setLooked((known) => ({ ...known, fault })),
      },
      BROWSER_TIMERS,
    );
    looking.start();
    return () => looking.stop();
  }, [key, isRunning, attempt]);
  return { ...looked, retry: () => setAttempt((times) => times + 1) };
}

/** Whether the page is in sight: a tab behind others is not. */
export function useVisible(): boolean {
  const [isVisible, setVisible] = useState(!document.hidden);
  useEffect(() => {
    const onChange = (): void => setVisible(!document.hidden);
    document.addEventListener("visibilitychange", onChange);
    return () => document.removeEventListener("visibilitychange", onChange);
  }, []);
  return isVisible;
}
