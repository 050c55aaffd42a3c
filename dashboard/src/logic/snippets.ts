/** Text for shells and editors: how to do with a program what the page shows. */

/** An event as a first one may be, at a moment in Unix seconds. */
function firstEvent(now: number): Record<string, unknown> {
  return {
    id: "my-first-event",
    time: Math.floor(now),
    kind: "completions",
    model: "gpt-5.5-2026-04-23",
    project_id: "proj_first",
    input_tokens: 1830,
    input_cached_tokens: 1024,
    output_tokens: 212,
  };
}

/** The fields of an event as JSON, one to a line. */
function fieldsOf(event: Record<string, unknown>): string {
  return Object.entries(event)
    .map(([name, value]) => `    ${JSON.stringify(name)}: ${JSON.stringify(value)}`)
    .join(",\n");
}

/** A text as one word of a POSIX shell. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The first event by curl, to a server's address. */
export function firstEventByCurl(address: string, now: number): string {
  return [
    `curl ${shellQuoted(`${address}v1/events`)} \\`,
    `  -H "Authorization: Bearer $TALLYBOOK_INGEST_KEY" \\`,
    `  -H "Content-Type: application/json" \\`,
    `  -d ${shellQuoted(`{\n${fieldsOf(firstEvent(now))}\n  }`)}`,
  ].join("\n");
}

/** The first event from a Python program, which never waits for it. */
export function firstEventByRecorder(address: string): string {
  return [
    "from tallybook import Recorder",
    "",
    `recorder = Recorder(${JSON.stringify(withoutSlash(address))})  # its key: TALLYBOOK_INGEST_KEY`,
    "recorder.record({",
    `    "kind": "completions", "model": "gpt-5.5-2026-04-23",`,
    `    "project_id": "proj_first", "input_tokens": 1830, "output_tokens": 212,`,
    "})",
    "recorder.flush()",
  ].join("\n");
}

/** Every call of a provider's SDK, by a transport below it. */
export function firstEventByTransport(address: string): string {
  return [
    "from openai import DefaultHttpxClient, OpenAI",
    "from tallybook import Recorder",
    "",
    `recorder = Recorder(${JSON.stringify(withoutSlash(address))})  # its key: TALLYBOOK_INGEST_KEY`,
    "openai = OpenAI(http_client=DefaultHttpxClient(transport=recorder.transport()))",
    "openai.chat.completions.create(",
    `    model="gpt-5.5", messages=[{"role": "user", "content": "Say hello."}]`,
    ")",
  ].join("\n");
}

function withoutSlash(address: string): string {
  return address.replace(/\/$/, "");
}
