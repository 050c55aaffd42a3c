import Big from "big.js";
import { grouped, threeDigits } from "./digits";

/** A count with all its digits, thousands apart. */
export function formatCount(count: Big | number): string {
  const exact = new Big(count);
  return `${exact.lt(0) ? "\u2212" : ""}${grouped(exact.abs().toFixed())}`;
}

/** A count in three significant digits: `1.28M`. What is below 10,000 is written out. */
export function formatCountShort(count: Big | number): string {
  const value = Number(count.toString());
  const absolute = Math.abs(value);
  if (absolute < 10_000) return formatCount(Math.round(value * 100) / 100);
  for (const [limit, suffix] of SUFFIXES) {
    if (absolute >= limit * 0.9995) return `${threeDigits(value / limit)}${suffix}`;
  }
  return formatCount(value);
}

/** Bytes by the powers of 1,024, in three significant digits: `1.5 GiB`. */
export function formatBytes(bytes: Big | number): string {
  let value = Number(bytes.toString());
  let at = 0;
  while (Math.abs(value) >= 1023.5 && at < BYTE_UNITS.length - 1) {
    value /= 1024;
    at += 1;
  }
  return `${at === 0 ? formatCount(value) : threeDigits(value)}\u00a0${BYTE_UNITS[at]}`;
}

/** A quantity in its unit, short: `1.28M tokens`, `1.5 GiB`, `1 request`. */
export function formatQuantity(count: Big | number, unit: string): string {
  if (unit === "bytes") return formatBytes(count);
  return `${formatCountShort(count)}\u00a0${unitOf(count, unit)}`;
}

/** A unit in the number that a count needs: `1 request`, `2 requests`. */
export function unitOf(count: Big | number, unit: string): string {
  return Number(count.toString()) === 1 ? unit.replace(/s$/, "") : unit;
}

/** A name of the wire for people: `input_cached_tokens` is `input cached tokens`. */
export function quantityLabel(name: string): string {
  return name.replace(/^num_/, "").replaceAll("_", " ");
}

const SUFFIXES: readonly (readonly [number, string])[] = [
  [1e12, "T"],
  [1e9, "B"],
  [1e6, "M"],
  [1e3, "k"],
];
const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
