import { asFault, type Fault, isAborted } from "../../wire/errors";

/** Timers, passed in so that tests need not wait. */
export interface Timers {
  /** Milliseconds that never go back. */
  readonly now: () => number;
  readonly after: (pauseMs: number, call: () => void) => () => void;
}

/** Between two looks, when the server answers at once. */
export const PAUSE_MS = 2_000;
const PAUSE_MS_MAX = 60_000;

/**
 * How long to wait before the next look: never less than twice what the last took, so that a
 * server is free most of the time, and longer after each failure.
 */
export function pauseAfter(tookMs: number, failures: number): number {
  return Math.min(Math.max(PAUSE_MS, 2 * tookMs) * 2 ** failures, PAUSE_MS_MAX);
}

/** What comes of looking. */
export interface Listener<T> {
  readonly onSeen: (seen: T) => void;
  readonly onFault: (fault: Fault) => void;
}

/** Looks again and again, one look after the other, until it is told to stop. */
export class Looking<T> {
  private controller = new AbortController();
  private cancel: () => void = () => undefined;
  private failures = 0;

  constructor(
    private readonly look: (signal: AbortSignal) => Promise<T>,
    private readonly listener: Listener<T>,
    private readonly timers: Timers,
  ) {}

  /** Look at once, and go on. */
  start(): void {
    this.stop();
    this.failures = 0;
    this.controller = new AbortController();
    void this.go(this.controller.signal);
  }

  /** Give up what is asked, and ask no more. */
  stop(): void {
    this.controller.abort();
    this.cancel();
  }

  private async go(signal: AbortSignal): Promise<void> {
    const began = this.timers.now();
    try {
      const seen = await this.look(signal);
      if (signal.aborted) return;
      this.failures = 0;
      this.listener.onSeen(seen);
    } catch (thrown) {
      if (signal.aborted || isAborted(thrown)) return;
      const fault = asFault(thrown);
      this.failures += 1;
      this.listener.onFault(fault);
      // What is refused now is refused again.
      if (!fault.isPassing) return;
    }
    const pause = pauseAfter(this.timers.now() - began, this.failures);
    this.cancel = this.timers.after(pause, () => void this.go(signal));
  }
}

/** The timers of the browser. */
export const BROWSER_TIMERS: Timers = {
  now: () => performance.now(),
  after: (pauseMs, call) => {
    const timer = setTimeout(call, pauseMs);
    return () => clearTimeout(timer);
  },
};
