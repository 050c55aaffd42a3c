import { Badge, type BadgeProps } from "../../parts/card";
import type { Standing } from "../../wire/prices";

const LOOKS: Readonly<Record<Standing, NonNullable<BadgeProps["look"]>>> = {
  priced: "normal",
  free: "good",
  estimated: "warning",
  unpriced: "bad",
};

/** What is known of a price, where it is not simply stated. */
export function StandingBadge({ standing }: { readonly standing: Standing }) {
  if (standing === "priced") return null;
  return <Badge look={LOOKS[standing]}>{standing}</Badge>;
}
