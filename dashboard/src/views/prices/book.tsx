import { useMemo } from "preact/hooks";
import { Awaiting } from "../../parts/awaiting";
import { Card } from "../../parts/card";
import { TextField } from "../../parts/field";
import { Empty, SkeletonBlock } from "../../parts/states";
import { type Column, Table } from "../../parts/table";
import type { Awaited } from "../../parts/use-answer";
import { formatCount } from "../../quantities/counts";
import type { Cards, RateCard } from "../../wire/prices";
import { CardSort } from "./card-sort";
import { ModelLink } from "./model-link";
import { RatesInShort } from "./rates";
import { cardId, matchingCards } from "./traits";
import { validityText } from "./validity";

export interface BookProps {
  readonly cards: Awaited<Cards>;
  /** What it is searched for. */
  readonly find: string;
  readonly onFind: (find: string) => void;
}

const COLUMNS: readonly Column<RateCard>[] = [
  { key: "model", title: "Model", cell: ({ traits }) => <ModelLink traits={traits} /> },
  {
    key: "traits",
    title: "For",
    cell: (card) => <CardSort card={card} note={validityText(card)} />,
  },
  { key: "rates", title: "Price", cell: ({ rates }) => <RatesInShort rates={rates} /> },
  {
    key: "events",
    title: "Events",
    isNumber: true,
    cell: ({ events }) => (events === null ? "\u2013" : formatCount(events)),
  },
];

/** The rate cards that events have, found by typing. */
export function Book({ cards, find, onFind }: BookProps) {
  const all = cards.value?.cards;
  const found = useMemo(() => matchingCards(all ?? [], find), [all, find]);
  return (
    <Card
      title="Rate cards in use"
      note={all && <span class="figures">{countNote(found.length, all.length)}</span>}
      tools={
        <TextField
          label="Search rate cards"
          isLabelHidden
          type="search"
          placeholder="Model, kind, source…"
          value={find}
          onInput={onFind}
        />
      }
    >
      <Awaiting
        answer={cards}
        label="Loading rate cards"
        skeleton={
          <div class="book-waiting">
            <SkeletonBlock label="Loading rate cards" />
          </div>
        }
      >
        {({ cards: whole }) =>
          found.length > 0 ? (
            <Table
              caption="Rate cards in use"
              columns={COLUMNS}
              rows={found}
              keyOf={cardId}
              isTall
            />
          ) : (
            <Nothing isEmpty={whole.length === 0} />
          )
        }
      </Awaiting>
    </Card>
  );
}

function Nothing({ isEmpty }: { readonly isEmpty: boolean }) {
  return isEmpty ? (
    <Empty title="No event has a price yet" icon="prices">
      A rate card comes with the first event that needs it.
    </Empty>
  ) : (
    <Empty title="No rate card matches" icon="search">
      Search for fewer words: a model, a kind, a tier or a source.
    </Empty>
  );
}

function countNote(found: number, all: number): string {
  return found === all ? formatCount(all) : `${formatCount(found)} of ${formatCount(all)}`;
}
