/**
 * Whether the browser may have a session: its cookie is for the server alone, and a browser reports
 * each refusal, so that nobody is asked about a session that there cannot be.
 */
export class Presence {
  /**
   * `storage` is null where the browser keeps nothing: then there may always be one. `place` tells
   * pages of one origin apart.
   */
  constructor(
    private readonly storage: Storage | null,
    place: string,
  ) {
    this.key = `tallybook session ${place}`;
  }

  private readonly key: string;

  /** Whether there may be a session at a moment in Unix seconds. */
  isPossible(now: number): boolean {
    if (!this.storage) return true;
    const end = this.storage.getItem(this.key);
    return end !== null && now < Number(end);
  }

  /** A session was begun or found, or there is none; `end` is when it is over, in Unix seconds. */
  note(end: number | null): void {
    if (end === null) this.storage?.removeItem(this.key);
    else this.storage?.setItem(this.key, String(end));
  }
}
