import { useEffect, useState } from "preact/hooks";
import { useServices } from "../../services";
import { Fault, isAborted } from "../../wire/errors";

interface EventsPage {
  readonly data: readonly { readonly time: number }[];
}

/** Between two looks for the first event. */
const LOOK_AGAIN_MS = 2_000;

/** What is known of the first event: its time in Unix seconds, that there is none, or nothing. */
export type FirstEvent = { readonly time: number } | "none" | "unknown";

/**
 * When the first event was, of those that one may see.
 *
 * While there is none it looks again every two seconds, until the first arrives.
 */
export function useFirstEvent(): FirstEvent {
  const { wire } = useServices();
  const [first, setFirst] = useState<FirstEvent>("unknown");
  useEffect(() => {
    const controller = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async (): Promise<void> => {
      try {
        const parameters = { limit: 1 };
        const { signal } = controller;
        const { value } = await wire.ask<EventsPage>("v1/events", { parameters, signal });
        const [event] = value.data;
        setFirst(event ?? "none");
        if (event) return;
      } catch (thrown) {
        if (isAborted(thrown) || (thrown instanceof Fault && !thrown.isPassing)) return;
      }
      timer = setTimeout(() => void look(), LOOK_AGAIN_MS);
    };
    void look();
    return () => {
      controller.abort();
      clearTimeout(timer);
    };
  }, [wire]);
  return first;
}
