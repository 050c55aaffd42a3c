import { useState } from "preact/hooks";
import { Awaiting } from "../../parts/awaiting";
import { Button } from "../../parts/button";
import { Snippet } from "../../parts/snippet";
import { useAnswer } from "../../parts/use-answer";
import { formatCount, unitOf } from "../../quantities/counts";
import { useServices } from "../../services";
import { previewRepricing, type RepricingWish } from "../../wire/prices";
import { ApplyForm } from "./apply-form";
import { repriceCommand } from "./command";
import { Differences } from "./differences";

export interface RepricingProps {
  /** Null while it is not said which events. */
  readonly wish: RepricingWish | null;
  readonly mayReprice: boolean;
  readonly onApplied: () => void;
  readonly onClose: () => void;
}

/** What pricing again changes, and then the way to do it. */
export function Repricing({ wish, mayReprice, onApplied, onClose }: RepricingProps) {
  if (mayReprice) return <Preview {...{ wish, onApplied, onClose }} />;
  return (
    <div class="preview">
      <p class="quiet">
        Your key cannot price again: that takes the scope <code>api.prices.write</code>. Whoever has
        a key with it does it here, or by:
      </p>
      {wish && <Snippet label="The command to price again" code={repriceCommand(wish)} />}
    </div>
  );
}

function Preview({ wish, onApplied, onClose }: Omit<RepricingProps, "mayReprice">) {
  const { wire, toasts } = useServices();
  // A preview is of one wish: when that changes it is asked for again, by the button.
  const [asked, setAsked] = useState<{ readonly wish: RepricingWish; readonly at: number } | null>(
    null,
  );
  const [count, setCount] = useState(0);
  const isCurrent = asked !== null && JSON.stringify(asked.wish) === JSON.stringify(wish);
  const answer = useAnswer(asked && JSON.stringify(asked), (signal) => {
    if (!asked) throw new Error("nothing is asked without a wish");
    return previewRepricing(wire, asked.wish, signal);
  });
  const preview = (): void => {
    if (wish) setAsked({ wish, at: count });
    setCount(count + 1);
  };
  const finish = (events: number): void => {
    toasts.say(`Priced again: ${formatCount(events)} ${unitOf(events, "events")}.`);
    onApplied();
    onClose();
  };
  return (
    <div class="preview">
      <div>
        <Button onClick={preview} isDisabled={wish === null}>
          {isCurrent ? "Preview again" : "Preview"}
        </Button>
      </div>
      {isCurrent && (
        <Awaiting answer={answer} label="Working out what would change">
          {(repricing) =>
            repricing.events === 0 ? (
              <p class="quiet" role="status">
                Nothing would change: these events have the prices that are in force. A price counts
                once the price file with it is saved.
              </p>
            ) : (
              <div class="preview">
                <Differences repricing={repricing} />
                {/* What is confirmed is the newest preview, and each anew. */}
                {!answer.isWaiting && (
                  <ApplyForm
                    key={asked.at}
                    wish={asked.wish}
                    repricing={repricing}
                    onDone={finish}
                  />
                )}
              </div>
            )
          }
        </Awaiting>
      )}
    </div>
  );
}
