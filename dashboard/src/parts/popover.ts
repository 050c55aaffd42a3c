import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useState } from "preact/hooks";

/** Close what is open when one clicks elsewhere, tabs away, or presses Escape. */
export function useDismissal(
  within: RefObject<HTMLElement | null>,
  isOpen: boolean,
  close: (byKeyboard: boolean) => void,
): void {
  useEffect(() => {
    if (!isOpen) return;
    const onElsewhere = (event: Event): void => {
      const target = event.target;
      if (target instanceof Node && !within.current?.contains(target)) close(false);
    };
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== "Escape") return;
      // A dialog around it stays open.
      event.preventDefault();
      event.stopPropagation();
      close(true);
    };
    document.addEventListener("pointerdown", onElsewhere);
    document.addEventListener("focusin", onElsewhere);
    document.addEventListener("keydown", onKey, true);
    return () => {
      document.removeEventListener("pointerdown", onElsewhere);
      document.removeEventListener("focusin", onElsewhere);
      document.removeEventListener("keydown", onKey, true);
    };
  }, [within, isOpen, close]);
}

/** How near to the window's edge what is open may come, in pixels. */
const EDGE_PIXELS = 8;

/** How far what is open has to be moved across, in pixels, so that all of it is in the window. */
export function useShift(opened: RefObject<HTMLElement | null>, isOpen: boolean): number {
  const [shift, setShift] = useState(0);
  useLayoutEffect(() => {
    const box = isOpen ? opened.current?.getBoundingClientRect() : undefined;
    setShift(box ? shiftInto(box, document.documentElement.clientWidth) : 0);
  }, [opened, isOpen]);
  return shift;
}

/** How far a box has to go to be between the edges of a window; its beginning counts for more. */
export function shiftInto(
  box: { readonly left: number; readonly right: number },
  width: number,
): number {
  const over = Math.min(0, width - EDGE_PIXELS - box.right);
  return Math.max(over, EDGE_PIXELS - box.left);
}

/** Where arrow keys go in a list of `count`: the index after a key; null for other keys. */
export function movedIndex(key: string, index: number, count: number): number | null {
  if (count === 0) return null;
  if (key === "ArrowDown") return (index + 1) % count;
  if (key === "ArrowUp") return (index <= 0 ? count : index) - 1;
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  return null;
}
