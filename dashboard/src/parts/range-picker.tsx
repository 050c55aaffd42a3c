import { useCallback, useRef, useState } from "preact/hooks";
import { formatRange } from "../quantities/times";
import { readDates, writeDates } from "../state/dates";
import { PRESET_LABELS, PRESETS, type Range, spanOf } from "../state/ranges";
import { Button } from "./button";
import { TextField } from "./field";
import { Icon } from "./icon";
import { useDismissal, useShift } from "./popover";
import "./controls.css";
import "./menu.css";
import "./range-picker.css";

export interface RangePickerProps {
  readonly range: Range;
  readonly zone: string;
  /** Unix seconds. */
  readonly now: number;
  readonly onChange: (range: Range) => void;
}

/** A range of time: one that moves with the clock, or two dates of a calendar. */
export function RangePicker({ range, zone, now, onChange }: RangePickerProps) {
  const root = useRef<HTMLDivElement>(null);
  const opened = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const [isOpen, setOpen] = useState(false);
  const close = useCallback((byKeyboard: boolean) => {
    setOpen(false);
    if (byKeyboard) opener.current?.focus();
  }, []);
  useDismissal(root, isOpen, close);
  const shift = useShift(opened, isOpen);
  const choose = (chosen: Range): void => {
    onChange(chosen);
    close(true);
  };
  const text = "preset" in range ? PRESET_LABELS[range.preset] : formatRange(range.span, zone);
  return (
    <div ref={root} class="range-picker">
      <button
        ref={opener}
        type="button"
        class="button"
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        aria-label={`Range: ${text}`}
        onClick={() => setOpen(!isOpen)}
      >
        <Icon name="calendar" />
        {text}
        <Icon name="down" />
      </button>
      {isOpen && (
        <div
          ref={opened}
          style={{ "--shift": `${shift}px` }}
          class="range-panel"
          role="dialog"
          aria-label="Choose a range"
        >
          <div class="range-presets">
            {PRESETS.map((preset) => (
              <button
                key={preset}
                type="button"
                class="menu-item"
                aria-pressed={"preset" in range && range.preset === preset}
                onClick={() => choose({ preset })}
              >
                {PRESET_LABELS[preset]}
              </button>
            ))}
          </div>
          <Dates
            initial={writeDates(spanOf(range, now, zone), zone)}
            zone={zone}
            onChoose={choose}
          />
        </div>
      )}
    </div>
  );
}

interface DatesProps {
  readonly initial: { readonly first: string; readonly last: string };
  readonly zone: string;
  readonly onChoose: (range: Range) => void;
}

/** The first and the last day of a range, both included. */
function Dates({ initial, zone, onChoose }: DatesProps) {
  const [first, setFirst] = useState(initial.first);
  const [last, setLast] = useState(initial.last);
  const span = readDates(first, last, zone);
  return (
    <form
      class="range-dates"
      onSubmit={(event) => {
        event.preventDefault();
        if (span) onChoose({ span });
      }}
    >
      <TextField label="From" type="date" value={first} onInput={setFirst} />
      <TextField
        label="Through"
        type="date"
        value={last}
        onInput={setLast}
        fault={span ? null : "Choose two dates in order."}
      />
      <Button type="submit" isDisabled={!span}>
        Apply
      </Button>
    </form>
  );
}
