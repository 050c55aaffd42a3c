import { useMemo, useState } from "preact/hooks";
import { Button } from "../../parts/button";
import { Dialog } from "../../parts/dialog";
import { useAnswer } from "../../parts/use-answer";
import { useViewState } from "../../parts/use-question";
import { useServices } from "../../services";
import { ViewHead } from "../../shell/view-head";
import { cardsInUse } from "../../wire/prices";
import { priceAccess } from "./access";
import { Book } from "./book";
import { Bound } from "./bound";
import { FileFault } from "./file-fault";
import { History } from "./history-card";
import { ModelPrices } from "./model";
import { ModelSearch } from "./model-search";
import { RepriceDialog } from "./reprice-dialog";
import { pricesFields } from "./state";
import { mergedCards } from "./traits";
import { Unpriced } from "./unpriced";
import "./prices.css";

/** The price book, what has no price, and pricing again. */
export function Prices() {
  const { session, location, zone } = useServices();
  const fields = useMemo(() => pricesFields(zone), [zone]);
  const { state, change } = useViewState(fields);
  const access = priceAccess(session.state.value);
  if (state.model !== "") return <ModelPrices {...{ state, change }} />;
  if (!access.seesBook) return <Bound onModel={change} />;
  return (
    <PriceBook
      find={state.find}
      onModel={change}
      // Letters are no steps that the back button undoes.
      onFind={(find) => location.settle(fields, { ...state, find })}
      mayReprice={access.mayReprice}
    />
  );
}

interface PriceBookProps {
  readonly find: string;
  readonly onFind: (find: string) => void;
  readonly onModel: (asked: { readonly model: string; readonly provider: string }) => void;
  readonly mayReprice: boolean;
}

function PriceBook({ find, onFind, onModel, mayReprice }: PriceBookProps) {
  const { wire } = useServices();
  // Asked again whenever something may have changed: a price was added, or events priced again.
  const [version, setVersion] = useState(0);
  const [opened, setOpened] = useState<"lookUp" | "reprice" | null>(null);
  const close = (): void => setOpened(null);
  const cards = useAnswer(`${version}`, async (signal) => {
    const answer = await cardsInUse(wire, signal);
    return { ...answer, cards: mergedCards(answer.cards) };
  });
  const refresh = (): void => setVersion((before) => before + 1);
  return (
    <>
      <ViewHead
        title="Prices"
        tools={
          <>
            <Button icon="search" onClick={() => setOpened("lookUp")}>
              Look up a model…
            </Button>
            {mayReprice && <Button onClick={() => setOpened("reprice")}>Price again…</Button>}
          </>
        }
      />
      {cards.value?.fault && <FileFault fault={cards.value.fault} />}
      <div class="tables">
        <Unpriced {...{ cards, mayReprice }} onChange={refresh} />
        <Book {...{ cards, find, onFind }} />
        <History version={version} />
      </div>
      {opened === "lookUp" && (
        <Dialog title="What a model costs" onClose={close}>
          <ModelSearch onModel={onModel} />
        </Dialog>
      )}
      {opened === "reprice" && <RepriceDialog onClose={close} onApplied={refresh} />}
    </>
  );
}
