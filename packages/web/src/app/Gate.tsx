import { useEffect, useState, type ReactNode } from "react";
import type { Client } from "@stonechat/core/client-api";
import { Button } from "../design/Button.tsx";
import { Icon } from "../design/icons.tsx";
import { Mark } from "../design/Mark.tsx";
import { Empty } from "../design/Pane.tsx";
import { Waiting } from "../design/Waiting.tsx";
import { DamagedScreen } from "../lock/DamagedScreen.tsx";
import { LockScreen } from "../lock/LockScreen.tsx";
import { t, type TextId } from "../locales/texts.ts";
import type { CoreHost, CoreState } from "../platform/core-host.ts";
import { SetUpScreen } from "../setup/SetUpScreen.tsx";
import css from "./Gate.module.css";

interface GateProps {
  readonly host: CoreHost;
  /** An invite waits to be used. */
  readonly invited: boolean;
  /** A recovery kit is to be entered once there is a vault. */
  readonly onKit: () => void;
  /** A vault is about to be made, here and now. */
  readonly onMake: () => void;
  readonly children: (client: Client) => ReactNode;
}

/** Lets the app in when the vault is open in this tab; else shows what stands before it, or why nothing can be opened. */
export function Gate({ host, invited, onKit, onMake, children }: GateProps): ReactNode {
  const [state, setState] = useState<CoreState>({ type: "opening" });
  useEffect(() => host.onState(setState), [host]);
  switch (state.type) {
    case "opening":
      return <Waiting label={t("app.loading")} />;
    case "open":
      return children(state.client);
    case "absent":
      return <SetUpScreen host={host} invited={invited} evicted={state.evicted} onKit={onKit} onMake={onMake} />;
    case "locked":
      return <LockScreen host={host} status={state.status} />;
    case "damaged":
      return <DamagedScreen host={host} />;
    case "elsewhere":
      return (
        <Page>
          <Empty alone picture={<Mark />} title={t("tab.title")} text={t("tab.text")}>
            <Button
              look="primary"
              onPress={() => {
                host.useHere();
              }}
            >
              {t("tab.use-here")}
            </Button>
          </Empty>
        </Page>
      );
    case "failed":
      return (
        <Page>
          <Empty
            alone
            picture={<Icon name="warning" size="large" />}
            title={t("open.title")}
            text={t(`open.${state.reason}` satisfies TextId)}
          >
            <Button
              look="primary"
              onPress={() => {
                location.reload();
              }}
            >
              {t("open.again")}
            </Button>
          </Empty>
        </Page>
      );
  }
}

function Page({ children }: { readonly children: ReactNode }): ReactNode {
  return <main className={css["page"]}>{children}</main>;
}
