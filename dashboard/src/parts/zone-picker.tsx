import { useMemo } from "preact/hooks";
import { allZones } from "../state/zones";
import { Combobox } from "./combobox";

export interface ZonePickerProps {
  readonly zone: string;
  /** The browser's own, which comes first. */
  readonly ownZone: string;
  readonly onChange: (zone: string) => void;
}

/** The zone whose clocks and calendar everything is shown by. */
export function ZonePicker({ zone, ownZone, onChange }: ZonePickerProps) {
  // Hundreds of them: made once, and not whenever the view is drawn.
  const zones = useMemo(() => [...new Set([ownZone, zone, ...allZones()])], [ownZone, zone]);
  return (
    <Combobox
      label="Time zone"
      text={zone.replaceAll("_", " ")}
      options={zones.map((value) => ({
        value,
        label: value.replaceAll("_", " "),
        ...(value === ownZone ? { note: "this device" } : {}),
      }))}
      chosen={[zone]}
      onChange={([chosen]) => chosen !== undefined && onChange(chosen)}
      placeholder="Search zones"
    />
  );
}
