import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { COLOURS } from "./palette";

/** Red, green and blue as light, 0 to 1. */
type Light = readonly [number, number, number];

const TOKENS = readFileSync(new URL("../styles/tokens.css", import.meta.url), "utf8");
const THEMES = ["light", "dark"] as const;
type Theme = (typeof THEMES)[number];

/** How people without red or green cones see light: Machado, Oliveira and Fernandes (2009). */
const EYES: Readonly<Record<string, readonly Light[]>> = {
  usual: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protan: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deutan: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
};

function token(name: string, theme: Theme): Light {
  const [, light, dark] =
    new RegExp(`--${name}: light-dark\\((#\\w{6}), (#\\w{6})\\)`).exec(TOKENS) ?? [];
  const hex = (theme === "light" ? light : dark) ?? "";
  const channel = (at: number): number => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
}

/** The contrast of WCAG, 1 to 21. */
function contrast(one: Light, other: Light): number {
  const luminance = ([r, g, b]: Light): number => 0.2126 * r + 0.7152 * g + 0.0722 * b;
  const [high, low] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
  return ((high ?? 0) + 0.05) / ((low ?? 0) + 0.05);
}

/** A colour's place in Oklab, where distances are as people see them. */
function oklab([r, g, b]: Light): Light {
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function seen(light: Light, eyes: readonly Light[]): Light {
  const [r = 0, g = 0, b = 0] = eyes.map((row) =>
    Math.min(1, Math.max(0, row[0] * light[0] + row[1] * light[1] + row[2] * light[2])),
  );
  return oklab([r, g, b]);
}

function distance(one: Light, other: Light): number {
  return Math.hypot(one[0] - other[0], one[1] - other[1], one[2] - other[2]);
}

describe.each(THEMES)("the %s palette", (theme) => {
  const slots = [...Array(COLOURS).keys()].map(String);
  const names = [...slots, "other"].map((slot) => `series-${slot}`);

  test.each(names)("%s stands out from what is behind it", (name) => {
    expect(contrast(token(name, theme), token("surface", theme))).toBeGreaterThanOrEqual(3);
  });

  // In Oklab 0.02 is about what one can just tell apart side by side.
  test.each(Object.entries(EYES))("is told apart by %s eyes", (_name, eyes) => {
    const places = names.map((name) => seen(token(name, theme), eyes));
    for (const [at, place] of places.entries()) {
      for (const other of places.slice(at + 1)) {
        expect(distance(place, other)).toBeGreaterThan(0.07);
      }
    }
  });

  test.each([
    ["ink", "surface"],
    ["ink-quiet", "surface"],
    ["ink-quiet", "hover"],
    ["ink-faint", "surface"],
    ["accent", "surface"],
    ["accent", "selected"],
    ["good", "surface"],
    ["warning", "warning-surface"],
    ["bad", "bad-surface"],
    ["bad", "surface"],
  ])("%s is read on %s", (ink, surface) => {
    expect(contrast(token(ink, theme), token(surface, theme))).toBeGreaterThanOrEqual(4.5);
  });
});
