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
  const zones = [...new Set([ownZone, zone, ...allZones()])];
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
