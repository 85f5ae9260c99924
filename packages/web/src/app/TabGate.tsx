import { useEffect, useState, type ReactNode } from "react";
import type { Client } from "@stonechat/core/client-api";
import { Button } from "../design/Button.tsx";
import { Icon } from "../design/icons.tsx";
import { Mark } from "../design/Mark.tsx";
import { Empty } from "../design/Pane.tsx";
import { Waiting } from "../design/Waiting.tsx";
import { t, type TextId } from "../locales/texts.ts";
import type { CoreHost, CoreState } from "../platform/core-host.ts";
import css from "./TabGate.module.css";

interface TabGateProps {
  readonly host: CoreHost;
  readonly children: (client: Client) => ReactNode;
}

/** Lets the app in when this tab has the core; else says where it is, or why it could not be opened. */
export function TabGate({ host, children }: TabGateProps): ReactNode {
  const [state, setState] = useState<CoreState>({ type: "opening" });
  useEffect(() => host.onState(setState), [host]);
  switch (state.type) {
    case "opening":
      return <Waiting label={t("app.loading")} />;
    case "open":
      return children(state.client);
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
