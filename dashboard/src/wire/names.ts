import { type ReadonlySignal, signal } from "@preact/signals";
import { isAborted } from "./errors";
import type { Wire } from "./wire";

/** The list that the API names ids of a dimension in. */
const LISTS: Readonly<Record<string, string>> = {
  project_id: "project_ids",
  user_id: "user_ids",
  api_key_id: "api_key_ids",
};

/** Of one request: so many ids fit into any address. */
const IDS_MAX = 100;

type NamesAnswer = Readonly<Record<string, Readonly<Record<string, string>>>>;

/**
 * Names of ids, asked once per id and kept in memory.
 *
 * Ids that come up while something is drawn are asked for together, after it.
 */
export class Names {
  private readonly known = new Map<string, string | null>();
  private readonly waiting = new Map<string, Set<string>>();
  private readonly changes = signal(0);
  private isScheduled = false;

  constructor(private readonly wire: Wire) {}

  /** Changes when names came in: who reads it is drawn again. */
  get version(): ReadonlySignal<number> {
    return this.changes;
  }

  /** The name of an id, or null: it has none, or it is not known yet and is asked for. */
  nameOf(dimension: string, id: string): string | null {
    const list = LISTS[dimension];
    if (list === undefined || id === "") return null;
    this.changes.value;
    const known = this.known.get(`${list} ${id}`);
    if (known === undefined) this.want(list, id);
    return known ?? null;
  }

  /** Forget all names: another key may see others. */
  forget(): void {
    this.known.clear();
    this.changes.value += 1;
  }

  private want(list: string, id: string): void {
    const ids = this.waiting.get(list) ?? new Set();
    this.waiting.set(list, ids.add(id));
    if (this.isScheduled) return;
    this.isScheduled = true;
    queueMicrotask(() => void this.askAll());
  }

  private async askAll(): Promise<void> {
    const wanted = [...this.waiting].flatMap(([list, ids]) => [...ids].map((id) => ({ list, id })));
    this.waiting.clear();
    this.isScheduled = false;
    for (const { list, id } of wanted) this.known.set(`${list} ${id}`, null);
    const asked: Promise<void>[] = [];
    for (let at = 0; at < wanted.length; at += IDS_MAX) {
      asked.push(this.ask(wanted.slice(at, at + IDS_MAX)));
    }
    await Promise.all(asked);
    this.changes.value += 1;
  }

  /** Ask for the names of some ids. Without an answer the ids stand for themselves. */
  private async ask(wanted: readonly { list: string; id: string }[]): Promise<void> {
    const parameters: Record<string, string[]> = {};
    for (const { list, id } of wanted) parameters[list] = [...(parameters[list] ?? []), id];
    try {
      const { value } = await this.wire.ask<NamesAnswer>("v1/organization/names", { parameters });
      for (const { list, id } of wanted) {
        this.known.set(`${list} ${id}`, value[list]?.[id] ?? null);
      }
    } catch (thrown) {
      if (isAborted(thrown)) throw thrown;
      for (const { list, id } of wanted) this.known.delete(`${list} ${id}`);
    }
  }
}
