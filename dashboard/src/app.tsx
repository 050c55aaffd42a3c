import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { Failure } from "./parts/states";
import { ToastStand } from "./parts/toasts";
import { type Services, ServicesContext, useServices } from "./services";
import { Login } from "./shell/login";
import { Shell } from "./shell/shell";
import type { ViewName } from "./state/place";
import { Explore } from "./views/explore/explore";
import { Live } from "./views/live/live";
import { Organization } from "./views/organization/organization";
import { Overview } from "./views/overview/overview";
import { Prices } from "./views/prices/prices";

/** The page: the login view, or the view that the address says. */
export function App({ services }: { readonly services: Services }) {
  return (
    <ServicesContext.Provider value={services}>
      <Page />
      <ToastStand toasts={services.toasts} />
    </ServicesContext.Provider>
  );
}

function Page() {
  const { session, names } = useServices();
  const state = session.state.value;
  useEffect(() => {
    void session.resume();
  }, [session]);
  // Whoever comes next may see other names.
  useEffect(() => {
    if (state.is === "out") names.forget();
  }, [names, state]);
  switch (state.is) {
    case "unknown":
      return null;
    case "out":
      return <Login reason={state.reason} />;
    case "unreachable":
      return (
        <main>
          <Failure fault={state.fault} onRetry={() => void session.resume()} />
        </main>
      );
    case "in":
      return (
        <Shell who={state.who}>
          <View />
        </Shell>
      );
  }
}

const COMPONENTS: Readonly<Record<ViewName, ComponentType>> = {
  overview: Overview,
  explore: Explore,
  prices: Prices,
  organization: Organization,
  live: Live,
};

function View() {
  const { location } = useServices();
  const Component = COMPONENTS[location.place.value.view];
  return <Component />;
}
