/** A decimal's text with its thousands apart: `1234567.5` is `1,234,567.5`. */
export function grouped(digits: string): string {
  const [whole = "", decimals] = digits.split(".");
  const apart = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return decimals === undefined ? apart : `${apart}.${decimals}`;
}

/** A decimal's text without zeros at its end: `1.20` is `1.2`. */
export function trimmed(digits: string): string {
  return digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits;
}

/** A number of 0 to 999 in three significant digits. */
export function threeDigits(value: number): string {
  const absolute = Math.abs(value);
  return trimmed(value.toFixed(absolute >= 99.95 ? 0 : absolute >= 9.995 ? 1 : 2));
}
