import { describe, expect, test } from "vitest";
import { Presence } from "./presence";
import { Session } from "./session";
import { Wire } from "./wire";

const NOW = 1_790_812_800;
const WHO = {
  key_id: "key_a",
  name: "a",
  scopes: [],
  projects: null,
  csrf_token: "token",
  expires_at: NOW + 60,
};

class Memory implements Pick<Storage, "getItem" | "setItem" | "removeItem"> {
  private readonly kept = new Map<string, string>();
  getItem(key: string): string | null {
    return this.kept.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.kept.set(key, value);
  }
  removeItem(key: string): void {
    this.kept.delete(key);
  }
}

/** A session, the paths that it asked for, and a clock to be moved. */
function sessionWith(storage: Storage | null, status = 200) {
  const asked: string[] = [];
  const time = { now: NOW };
  const ask = async (url: RequestInfo | URL, init?: RequestInit) => {
    asked.push(`${init?.method ?? "GET"} ${new URL(String(url)).pathname}`);
    return new Response(JSON.stringify(status === 200 ? WHO : { error: { message: "Over." } }), {
      status,
    });
  };
  const wire: Wire = new Wire("http://h/", () => session.onUnauthorized(), ask);
  const session: Session = new Session(
    () => wire,
    new Presence(storage, "/"),
    () => time.now,
  );
  return { session, asked, time };
}

describe("a session", () => {
  test("is not asked for where there was none", async () => {
    const { session, asked } = sessionWith(new Memory() as unknown as Storage);
    await session.resume();
    expect(session.state.value).toEqual({ is: "out", reason: null });
    expect(asked).toEqual([]);
  });

  test("is found again until its end", async () => {
    const storage = new Memory() as unknown as Storage;
    await sessionWith(storage).session.logIn("sk-admin-1");
    const again = sessionWith(storage);
    await again.session.resume();
    expect(again.session.state.value.is).toBe("in");
    const later = sessionWith(storage);
    later.time.now = WHO.expires_at;
    await later.session.resume();
    expect(later.session.state.value.is).toBe("out");
    expect(later.asked).toEqual([]);
  });

  test("is forgotten once the server knows it no more", async () => {
    const storage = new Memory() as unknown as Storage;
    await sessionWith(storage).session.logIn("sk-admin-1");
    await sessionWith(storage, 401).session.resume();
    const after = sessionWith(storage);
    await after.session.resume();
    expect(after.asked).toEqual([]);
  });

  test("is asked for where the browser keeps nothing", async () => {
    const { session, asked } = sessionWith(null);
    await session.resume();
    expect(session.state.value.is).toBe("in");
    expect(asked).toEqual(["GET /session"]);
  });
});
