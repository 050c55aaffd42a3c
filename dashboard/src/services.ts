import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { ColourBook } from "./charts/palette";
import { Toasts } from "./parts/toasts";
import { Location as Address, addressBarOf, type Location } from "./state/location";
import { Names } from "./wire/names";
import { Presence } from "./wire/presence";
import { Session } from "./wire/session";
import { Wire } from "./wire/wire";

/** What the views work with, made once at the edge and passed in. */
export interface Services {
  readonly wire: Wire;
  readonly session: Session;
  readonly names: Names;
  readonly location: Location;
  readonly colours: ColourBook;
  readonly toasts: Toasts;
  /** Unix seconds, with a fraction. */
  readonly clock: () => number;
  /** The zone of whoever has not chosen one. */
  readonly zone: string;
}

/** The services of a window. */
export function servicesOf(window: Window): Services {
  const { baseURI } = window.document;
  const clock = () => Date.now() / 1000;
  const wire = new Wire(baseURI, () => session.onUnauthorized());
  const presence = new Presence(storageOf(window), new URL(baseURI).pathname);
  const session: Session = new Session(() => wire, presence, clock);
  return {
    wire,
    session,
    names: new Names(wire),
    location: new Address(addressBarOf(window)),
    colours: new ColourBook(),
    toasts: new Toasts(),
    clock,
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
}

/** A window's storage; null where the browser allows none. */
function storageOf(window: Window): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

export const ServicesContext = createContext<Services | null>(null);

/** The services, anywhere below the app. */
export function useServices(): Services {
  const services = useContext(ServicesContext);
  if (!services) throw new Error("nothing above provides the services");
  return services;
}
