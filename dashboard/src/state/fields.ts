/**
 * Fields of a view's state, as they stand in the address.
 *
 * A field reads any text, and what it cannot read is its default: an address never fails. What is
 * the default is left out of the address, so that addresses stay short.
 */

/** One value as texts, and back: `read(write(value))` is `value`. */
export interface Field<T> {
  /** The value of the texts that the address has for the field; without any, the default. */
  read(texts: readonly string[]): T;
  /** The texts of a value; none for the default. */
  write(value: T): readonly string[];
}

/** A record of fields: the state of a view. */
export type Fields<T> = { readonly [Name in keyof T & string]: Field<T[Name]> };

/** Pairs of names and texts, in the order of the address. */
export type Pairs = readonly (readonly [name: string, text: string])[];

/** Any text. */
export function textField(initial = ""): Field<string> {
  return {
    read: ([text]) => text ?? initial,
    write: (value) => (value === initial ? [] : [value]),
  };
}

/** One of some values. */
export function choiceField<T extends string>(choices: readonly T[], initial: T): Field<T> {
  return parsedField<T>(
    (text) => choices.find((choice) => choice === text) ?? null,
    (value) => value,
    initial,
  );
}

/** A list of texts without repeats, each of which has to pass, and no more than so many. */
export function listField(
  passes: (text: string) => boolean,
  lengthMax: number,
  initial: readonly string[] = [],
): Field<readonly string[]> {
  return {
    read: (texts) => {
      if (texts.length === 0) return initial;
      // An empty list that is not the default is one empty text.
      const list = texts.filter((text) => text !== "" && passes(text));
      return [...new Set(list)].slice(0, lengthMax);
    },
    write: (value) => {
      if (isSameList(value, initial)) return [];
      return value.length === 0 ? [""] : value;
    },
  };
}

/** A value that is read by a function; null is what it cannot read. */
export function parsedField<T>(
  parse: (text: string) => T | null,
  print: (value: T) => string,
  initial: T,
): Field<T> {
  return {
    read: ([text]) => (text === undefined ? initial : (parse(text) ?? initial)),
    write: (value) => (print(value) === print(initial) ? [] : [print(value)]),
  };
}

/** The state of a view, from the pairs of an address; names that it has no field for are passed over. */
export function readFields<T extends object>(fields: Fields<T>, pairs: Pairs): T {
  const state = Object.entries<Field<unknown>>(fields).map(([name, field]) => {
    const texts = pairs.filter(([each]) => each === name).map(([, text]) => text);
    return [name, field.read(texts)];
  });
  // Has exactly the names of the fields, each with what its field read.
  return Object.fromEntries(state) as T;
}

/** The pairs of a view's state. */
export function writeFields<T extends object>(fields: Fields<T>, state: T): Pairs {
  const values = new Map<string, unknown>(Object.entries(state));
  return Object.entries<Field<unknown>>(fields).flatMap(([name, field]) =>
    field.write(values.get(name)).map((text) => [name, text] as const),
  );
}

function isSameList(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((each, at) => each === others[at]);
}
