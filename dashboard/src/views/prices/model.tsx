import { useMemo } from "preact/hooks";
import { Awaiting } from "../../parts/awaiting";
import { Button } from "../../parts/button";
import { Card } from "../../parts/card";
import { TextField } from "../../parts/field";
import { Empty } from "../../parts/states";
import { type Column, Table } from "../../parts/table";
import { useAnswer } from "../../parts/use-answer";
import { useServices } from "../../services";
import { ViewHead } from "../../shell/view-head";
import { readDates } from "../../state/dates";
import { DAY_SECONDS, UTC } from "../../state/zones";
import { priceList, type RateCard } from "../../wire/prices";
import { CardSort } from "./card-sort";
import { FileFault } from "./file-fault";
import { priceHistory } from "./history";
import { PriceCard } from "./price-card";
import { RatesInShort } from "./rates";
import type { PricesState } from "./state";
import { cardId, sortsOf } from "./traits";
import { holdsAt, momentText, validityText } from "./validity";
import { dayOf } from "./wish";

export interface ModelPricesProps {
  readonly state: PricesState;
  readonly change: (part: Partial<PricesState>) => void;
}

/** What requests to one model cost at a moment, and what they cost before and will. */
export function ModelPrices({ state, change }: ModelPricesProps) {
  const { wire, clock } = useServices();
  const { model, provider } = state;
  const now = useMemo(() => Math.floor(clock()), [model, provider, state.at]);
  const at = state.at ?? now;
  const ask = (moment: number, signal: AbortSignal) =>
    priceList(wire, { model, provider, at: moment }, signal);
  const asked = JSON.stringify([model, provider]);
  const list = useAnswer(`${asked} ${at}`, (signal) => ask(at, signal));
  const history = useAnswer(asked, (signal) =>
    priceHistory(now, async (moment) => (await ask(moment, signal)).cards),
  );
  return (
    <>
      <ViewHead
        title={model}
        tools={
          <>
            <Button look="plain" onClick={() => change({ model: "", at: null })}>
              All prices
            </Button>
            <AtField at={state.at} now={now} onChange={(chosen) => change({ at: chosen })} />
          </>
        }
      />
      {list.value?.fault && <FileFault fault={list.value.fault} />}
      <Card
        title={state.at === null ? "Price now" : `Price on ${momentText(at)}`}
        note={`${provider}; long, batch and tiered requests apart`}
      >
        <Awaiting answer={list} label="Loading the price list">
          {({ cards }) =>
            cards.length === 0 ? (
              <Empty title="Nobody states a price of this model" icon="prices">
                {`Neither the catalogue nor the price file knows ${model} of ${provider} at this time.`}
              </Empty>
            ) : (
              <div class="price-cards">
                {sortsOf(cards).map((sort) => (
                  <PriceCard key={sort.name} sort={sort} />
                ))}
              </div>
            )
          }
        </Awaiting>
      </Card>
      <div class="tables">
        <Card title="History" note="prices that changed, or will">
          <Awaiting answer={history} label="Loading the history">
            {({ changes, isCut }) => (
              <>
                {changes.length > 0 ? (
                  <Table
                    caption={`Prices of ${model} over time`}
                    columns={historyColumns(at)}
                    rows={changes}
                    keyOf={cardId}
                  />
                ) : (
                  <p class="nothing quiet">No price of this model is known to have changed.</p>
                )}
                {isCut && <p class="nothing quiet">There are more changes than are shown here.</p>}
              </>
            )}
          </Awaiting>
        </Card>
      </div>
    </>
  );
}

function historyColumns(at: number): readonly Column<RateCard>[] {
  return [
    {
      key: "traits",
      title: "For",
      cell: (card) => <CardSort card={card} isPast={!holdsAt(card, at)} />,
    },
    {
      key: "from",
      title: "Holds (UTC)",
      cell: (card) => <span class="figures">{validityText(card)}</span>,
    },
    { key: "rates", title: "Price", cell: ({ rates }) => <RatesInShort rates={rates} /> },
  ];
}

interface AtFieldProps {
  readonly at: number | null;
  readonly now: number;
  readonly onChange: (at: number | null) => void;
}

/** The day that is looked at; at its noon, so that a change of the day is in sight. */
function AtField({ at, now, onChange }: AtFieldProps) {
  return (
    <TextField
      label="Day of the prices (UTC)"
      isLabelHidden
      type="date"
      value={dayOf(at ?? now)}
      onInput={(text) => {
        const day = readDates(text, text, UTC);
        if (!day) return;
        const isToday = day.start === now - (now % DAY_SECONDS);
        onChange(isToday ? null : day.start + DAY_SECONDS / 2);
      }}
    />
  );
}
