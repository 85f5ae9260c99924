import { useEffect, useMemo, useState, type ReactNode } from "react";
import { I18nProvider } from "react-aria-components/I18nProvider";
import type { AccountView, Client } from "@stonechat/core/client-api";
import { NoticeStack } from "../design/NoticeStack.tsx";
import { Waiting } from "../design/Waiting.tsx";
import { t, useLanguage } from "../locales/texts.ts";
import { act } from "../state/act.ts";
import { ClientContext } from "../state/client-context.ts";
import { LiveAnswers } from "../state/live.ts";
import { VaultActionsContext } from "../state/vault-actions.ts";
import { WelcomeScreen } from "../welcome/WelcomeScreen.tsx";
import { App } from "./App.tsx";
import { TabGate } from "./TabGate.tsx";
import type { CoreHost } from "../platform/core-host.ts";

interface RootProps {
  readonly host: CoreHost;
  /** An invite that was in the address. */
  readonly link: string | undefined;
}

/** The page from the outside in: language, one tab, an account, the app. */
export function Root({ host, link }: RootProps): ReactNode {
  const language = useLanguage();
  return (
    <I18nProvider locale={language === "ar" ? "ar-AE" : "en-GB"}>
      <VaultActionsContext value={host.actions}>
        <TabGate host={host}>{(client) => <SignedIn client={client} link={link} />}</TabGate>
      </VaultActionsContext>
      <NoticeStack />
    </I18nProvider>
  );
}

function SignedIn({ client, link }: { readonly client: Client; readonly link: string | undefined }): ReactNode {
  const [account, setAccount] = useState<AccountView | "none">();
  const [waitingLink, setWaitingLink] = useState(link);
  const answers = useMemo(() => new LiveAnswers(client), [client]);
  useEffect(() => {
    const load = (): void =>
      void act(async () => {
        setAccount((await client.account()) ?? "none");
      });
    load();
    return client.onEvent((event) => {
      if (event.type === "account-changed") load();
    });
  }, [client]);
  const scope = useMemo(
    () => (account === undefined || account === "none" ? undefined : { client, answers, account }),
    [client, answers, account],
  );
  if (account === undefined) return <Waiting label={t("app.loading")} />;
  if (scope === undefined) return <WelcomeScreen client={client} link={waitingLink} onCreated={setAccount} />;
  return (
    <ClientContext value={scope}>
      <App
        link={waitingLink}
        onLinkDone={() => {
          setWaitingLink(undefined);
        }}
      />
    </ClientContext>
  );
}
