import { lazy, Suspense, useEffect, useRef, type ReactNode } from "react";
import { LeaveConfirm } from "../conversation/LeaveConfirm.tsx";
import { ConversationScreen } from "../conversation/ConversationScreen.tsx";
import { Viewer } from "../conversation/Viewer.tsx";
import { ListPane } from "../conversations/ListPane.tsx";
import { Mark } from "../design/Mark.tsx";
import { Empty } from "../design/Pane.tsx";
import { Waiting } from "../design/Waiting.tsx";
import { t } from "../locales/texts.ts";
import { Notifier } from "../notifications/Notifier.tsx";
import { AlarmBanner } from "./AlarmBanner.tsx";
import { PutBackBanner } from "./PutBackBanner.tsx";
import { useRoute, type Route } from "./router.ts";
import { VaultBanners } from "./VaultBanners.tsx";
import { useWide } from "./use-media.ts";
import css from "./App.module.css";

const AboutScreen = lazy(async () => ({ default: (await import("../contacts/AboutScreen.tsx")).AboutScreen }));
const InviteScreen = lazy(async () => ({ default: (await import("../invites/InviteScreen.tsx")).InviteScreen }));
const NewGroupScreen = lazy(async () => ({ default: (await import("../groups/NewGroupScreen.tsx")).NewGroupScreen }));
const RequestsScreen = lazy(async () => ({ default: (await import("../requests/RequestsScreen.tsx")).RequestsScreen }));
const SettingsScreen = lazy(async () => ({ default: (await import("../settings/SettingsScreen.tsx")).SettingsScreen }));
const SecurityScreen = lazy(async () => ({ default: (await import("../security/SecurityScreen.tsx")).SecurityScreen }));
const TravelScreen = lazy(async () => ({ default: (await import("../provisions/TravelScreen.tsx")).TravelScreen }));
const KitScreen = lazy(async () => ({ default: (await import("../provisions/KitScreen.tsx")).KitScreen }));
const PinsScreen = lazy(async () => ({ default: (await import("../help/PinsScreen.tsx")).PinsScreen }));

/** The app behind the welcome screen: list and screen side by side where there is room, else one of them. */
export function App({
  link,
  onLinkDone,
}: {
  readonly link: string | undefined;
  readonly onLinkDone: () => void;
}): ReactNode {
  const route = useRoute();
  const wide = useWide();
  const showsMain = route.screen !== "list" || link !== undefined;
  const arrivedAt = useRef(route);
  useEffect(() => {
    // Who goes elsewhere has done with the invite.
    if (link !== undefined && route !== arrivedAt.current) onLinkDone();
  }, [link, route, onLinkDone]);
  const chosen = "id" in route ? route.id : undefined;
  return (
    <div className={css["app"]}>
      <AlarmBanner />
      <PutBackBanner />
      <VaultBanners />
      <div className={css["panes"]}>
        {wide && (
          <aside className={css["list"]} aria-label={t("list.pane")}>
            <ListPane chosen={chosen} />
          </aside>
        )}
        {!wide && !showsMain && (
          <main className={css["list"]}>
            <ListPane chosen={chosen} />
          </main>
        )}
        {(wide || showsMain) && (
          <main className={css["main"]}>
            <Suspense fallback={<Waiting label={t("app.loading")} />}>
              {link === undefined ? <Screen route={route} /> : <InviteScreen link={link} onLinkDone={onLinkDone} />}
            </Suspense>
          </main>
        )}
      </div>
      <Notifier />
      <LeaveConfirm />
      <Viewer />
    </div>
  );
}

function Screen({ route }: { readonly route: Route }): ReactNode {
  switch (route.screen) {
    case "list":
      return <Empty picture={<Mark />} title={t("app.choose-title")} text={t("app.choose-text")} />;
    case "conversation":
      return <ConversationScreen key={route.id} id={route.id} />;
    case "about":
      return <AboutScreen key={route.id} id={route.id} />;
    case "new":
      return <InviteScreen link={undefined} onLinkDone={() => undefined} />;
    case "new-group":
      return <NewGroupScreen />;
    case "requests":
      return <RequestsScreen />;
    case "settings":
      return <SettingsScreen />;
    case "security":
      return <SecurityScreen />;
    case "travel":
      return <TravelScreen />;
    case "kit":
      return <KitScreen />;
    case "pins":
      return <PinsScreen />;
  }
}
