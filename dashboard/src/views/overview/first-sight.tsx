import { useState } from "preact/hooks";
import {
  firstEventByCurl,
  firstEventByRecorder,
  firstEventByTransport,
} from "../../logic/snippets";
import { Card } from "../../parts/card";
import { Segments } from "../../parts/select";
import { Snippet } from "../../parts/snippet";
import { useServices } from "../../services";
import { ViewHead } from "../../shell/view-head";
import "./first-sight.css";

const WAYS = [
  { value: "curl", label: "curl" },
  { value: "recorder", label: "Python" },
  { value: "transport", label: "OpenAI's SDK" },
] as const;
type Way = (typeof WAYS)[number]["value"];

const NOTES: Readonly<Record<Way, string>> = {
  curl: "With an ingest key or an admin key in TALLYBOOK_INGEST_KEY.",
  recorder: "Records from a program without ever making it wait; pip install tallybook.",
  transport: "Below the SDK: every call is counted as its provider counts it.",
};

/** Nothing is stored yet: how to send the first event. */
export function FirstSight() {
  const { wire, clock } = useServices();
  const [way, setWay] = useState<Way>("curl");
  const [now] = useState(clock);
  const address = wire.address("");
  const snippets: Readonly<Record<Way, string>> = {
    curl: firstEventByCurl(address, now),
    recorder: firstEventByRecorder(address),
    transport: firstEventByTransport(address),
  };
  return (
    <div class="first-sight">
      <ViewHead title="Send the first event" />
      <p class="quiet">
        This ledger is empty. One request is one event; send one, and its cost is here a moment
        later.
      </p>
      <Card
        title="How"
        tools={<Segments label="Way to send it" options={WAYS} value={way} onChange={setWay} />}
      >
        <Snippet label="Send the first event" code={snippets[way]} />
        <p class="field-hint">{NOTES[way]}</p>
      </Card>
      <p class="waiting" role="status">
        <span class="pulse" />
        Waiting for the first event…
      </p>
    </div>
  );
}
