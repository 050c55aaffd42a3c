import { type ReadonlySignal, signal } from "@preact/signals";
import { Fault } from "./errors";
import type { Presence } from "./presence";
import type { Wire } from "./wire";

/** Who is logged in, as `GET session` tells it. */
export interface Who {
  readonly key_id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  /** The projects that the key is bound to; null for the whole organization. */
  readonly projects: readonly string[] | null;
  readonly csrf_token: string | null;
  /** Unix seconds; null without an end, which a session has. */
  readonly expires_at: number | null;
}

/** What is known of the session. */
export type SessionState =
  | { readonly is: "unknown" }
  /** `reason` says why a session that there was is over. */
  | { readonly is: "out"; readonly reason: string | null }
  | { readonly is: "unreachable"; readonly fault: Fault }
  | { readonly is: "in"; readonly who: Who };

/** The browser's session with the server: a key is sent once, and only a cookie remembers it. */
export class Session {
  private readonly current = signal<SessionState>({ is: "unknown" });

  /** Set by whoever makes both: the wire tells of a session that is over, and sends its token. */
  constructor(
    private readonly wire: () => Wire,
    private readonly presence: Presence,
    private readonly clock: () => number,
  ) {}

  get state(): ReadonlySignal<SessionState> {
    return this.current;
  }

  /** Look whether the browser has a session already. */
  async resume(): Promise<void> {
    if (!this.presence.isPossible(this.clock())) return this.leave(null);
    try {
      this.enter((await this.wire().ask<Who>("session")).value);
    } catch (thrown) {
      if (!(thrown instanceof Fault)) throw thrown;
      if (thrown.kind === "unauthorized") this.leave(null);
      else this.current.value = { is: "unreachable", fault: thrown };
    }
  }

  /** Begin a session. Throws a `Fault` for a key that is not good for it. */
  async logIn(key: string): Promise<void> {
    const body = { key: key.trim() };
    this.enter((await this.wire().ask<Who>("session", { method: "POST", body })).value);
  }

  /** End the session. Throws a `Fault` when the server cannot be told. */
  async logOut(): Promise<void> {
    await this.wire().ask("session", { method: "DELETE" });
    this.leave(null);
  }

  /** There is no session any more; `reason` is shown to whoever had one. */
  leave(reason: string | null): void {
    this.wire().csrfToken = null;
    this.presence.note(null);
    this.current.value = { is: "out", reason };
  }

  /** An answer said that nobody is logged in. */
  onUnauthorized(): void {
    if (this.current.value.is === "in") {
      this.leave("Your session is over: it expired, or its key was revoked. Log in to go on.");
    }
  }

  private enter(who: Who): void {
    this.wire().csrfToken = who.csrf_token;
    this.presence.note(who.expires_at);
    this.current.value = { is: "in", who };
  }
}
