import { useState } from "preact/hooks";
import { Button } from "../../parts/button";
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
import { RepriceDialog } from "./reprice-dialog";
import { PRICES_FIELDS } from "./state";
import { Unpriced } from "./unpriced";
import "./prices.css";

/** The price book, what has no price, and pricing again. */
export function Prices() {
  const { session, location } = useServices();
  const { state, change } = useViewState(PRICES_FIELDS);
  const access = priceAccess(session.state.value);
  if (state.model !== "") return <ModelPrices {...{ state, change }} />;
  if (!access.seesBook) return <Bound onModel={(model) => change(model)} />;
  return (
    <PriceBook
      find={state.find}
      // Letters are no steps that the back button undoes.
      onFind={(find) => location.settle(PRICES_FIELDS, { ...state, find })}
      mayReprice={access.mayReprice}
    />
  );
}

interface PriceBookProps {
  readonly find: string;
  readonly onFind: (find: string) => void;
  readonly mayReprice: boolean;
}

function PriceBook({ find, onFind, mayReprice }: PriceBookProps) {
  const { wire } = useServices();
  // Asked again whenever something may have changed: a price was added, or events priced again.
  const [version, setVersion] = useState(0);
  const [isRepricing, setRepricing] = useState(false);
  const cards = useAnswer(`${version}`, (signal) => cardsInUse(wire, signal));
  const refresh = (): void => setVersion((before) => before + 1);
  return (
    <>
      <ViewHead
        title="Prices"
        tools={mayReprice && <Button onClick={() => setRepricing(true)}>Price again…</Button>}
      />
      {cards.value?.fault && <FileFault fault={cards.value.fault} />}
      <div class="tables">
        <Unpriced {...{ cards, mayReprice }} onChange={refresh} />
        <Book {...{ cards, find, onFind }} />
        <History version={version} />
      </div>
      {isRepricing && <RepriceDialog onClose={() => setRepricing(false)} onApplied={refresh} />}
    </>
  );
}
