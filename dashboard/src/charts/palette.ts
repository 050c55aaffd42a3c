/** How many groups have a colour of their own. */
export const COLOURS = 8;

/** The slot of what stands for many groups. */
export const OTHER = "other";
export type Slot = number | typeof OTHER;

/** The colour of a slot, for SVG's `fill` and `stroke`: `--series-N` of the tokens. */
export function colourOf(slot: Slot): string {
  return `var(--series-${slot})`;
}

/**
 * Which group has which colour, for as long as the page is open: a group keeps the colour that it
 * was given first while one moves through views, unless two in one chart would share it.
 */
export class ColourBook {
  private readonly given = new Map<string, number>();

  /** The slots of the groups of one chart, in their order. More groups than colours share them. */
  slotsFor(dimension: string, groups: readonly string[]): readonly number[] {
    const taken = new Set<number>();
    const slots = new Map<string, number>();
    for (const group of groups) {
      const slot = this.given.get(`${dimension} ${group}`);
      if (slot !== undefined && !taken.has(slot)) {
        taken.add(slot);
        slots.set(group, slot);
      }
    }
    for (const group of groups) {
      if (slots.has(group)) continue;
      const slot = firstFree(taken);
      taken.add(slot);
      slots.set(group, slot);
      this.given.set(`${dimension} ${group}`, slot);
    }
    return groups.map((group) => slots.get(group) ?? 0);
  }
}

function firstFree(taken: Set<number>): number {
  for (let slot = 0; slot < COLOURS; slot += 1) if (!taken.has(slot)) return slot;
  return taken.size % COLOURS;
}
