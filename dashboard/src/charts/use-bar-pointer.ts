import { useRef, useState } from "preact/hooks";
import type { Span } from "../state/ranges";
import { type Brush, brushedSpan } from "./brush";

export interface BarPointerOptions {
  readonly buckets: readonly Span[];
  /** The bar at a place across the window, in pixels. */
  readonly barAt: (clientX: number) => number;
  readonly onBrush: ((span: Span) => void) | undefined;
  /** With how far down the window the pointer was, in pixels; null by keyboard. */
  readonly onChoose: ((index: number, clientY: number | null) => void) | undefined;
}

/** A drag that is shorter, in pixels, is a click. */
const DRAG_PIXELS = 5;

/** Which bar is looked at and which are brushed, by pointer and by keyboard, with the handlers. */
export function useBarPointer({ buckets, barAt, onBrush, onChoose }: BarPointerOptions) {
  const [active, setActive] = useState<number | null>(null);
  const [brush, setBrush] = useState<Brush | null>(null);
  const pressed = useRef<{ readonly x: number; readonly bar: number } | null>(null);
  const last = buckets.length - 1;

  const finish = (chosen: Brush): void => {
    const span = brushedSpan(chosen, buckets);
    setBrush(null);
    if (span) onBrush?.(span);
  };

  const onPointerMove = (event: PointerEvent): void => {
    if (last < 0) return;
    const bar = barAt(event.clientX);
    setActive(bar);
    const from = pressed.current;
    if (from && onBrush && Math.abs(event.clientX - from.x) > DRAG_PIXELS) {
      setBrush({ from: from.bar, to: bar });
    }
  };

  const onPointerDown = (event: PointerEvent): void => {
    // Fingers scroll; and only the main button of a mouse presses.
    if (event.pointerType === "touch" || event.button !== 0 || last < 0) return;
    pressed.current = { x: event.clientX, bar: barAt(event.clientX) };
    if (event.currentTarget instanceof Element)
      event.currentTarget.setPointerCapture(event.pointerId);
  };

  const onPointerUp = (event: PointerEvent): void => {
    const from = pressed.current;
    pressed.current = null;
    if (brush) finish(brush);
    else if (from && last >= 0) onChoose?.(barAt(event.clientX), event.clientY);
  };

  const onPointerLeave = (): void => {
    if (!pressed.current) setActive(null);
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (last < 0) return;
    const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, Home: -last, End: last };
    const step = steps[event.key];
    if (step !== undefined) {
      const from =
        active ?? (step > 0 && event.key !== "End" ? -1 : last + (event.key === "Home" ? 0 : 1));
      const to = Math.min(Math.max(from + step, 0), last);
      setActive(to);
      if (!event.shiftKey || !onBrush) setBrush(null);
      else setBrush({ from: brush?.from ?? Math.max(from, 0), to });
    } else if (event.key === "Enter" && brush) finish(brush);
    else if (event.key === "Enter" && active !== null) onChoose?.(active, null);
    else if (event.key === "Escape" && (brush || active !== null)) {
      setBrush(null);
      setActive(null);
    } else return;
    event.preventDefault();
  };

  const onBlur = (): void => {
    setActive(null);
    setBrush(null);
  };

  return {
    active,
    brush,
    onPointerMove,
    onPointerDown,
    onPointerUp,
    onPointerLeave,
    onKeyDown,
    onBlur,
  };
}
