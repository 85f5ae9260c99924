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
import { NewAccount } from "../setup/NewAccount.tsx";
import { App } from "./App.tsx";
import { Gate } from "./Gate.tsx";
import { Session, toActions } from "./Session.tsx";
import type { CoreHost } from "../platform/core-host.ts";

interface RootProps {
  readonly host: CoreHost;
  /** An invite that was in the address. */
  readonly link: string | undefined;
}

/** The page from the outside in: language, one tab, a vault, an account, the app. */
export function Root({ host, link }: RootProps): ReactNode {
  const language = useLanguage();
  const [waitingLink, setWaitingLink] = useState(link);
  const [kit, setKit] = useState(false);
  const [made, setMade] = useState(false);
  const outside = useMemo(() => toActions(host, () => undefined), [host]);
  return (
    <I18nProvider locale={language === "ar" ? "ar-AE" : "en-GB"}>
      <VaultActionsContext value={outside}>
        <Gate
          host={host}
          invited={waitingLink !== undefined}
          onKit={() => {
            setKit(true);
          }}
          onMake={() => {
            setMade(true);
          }}
        >
          {(client) => (
            <Session host={host} client={client}>
              <SignedIn
                client={client}
                link={waitingLink}
                onLinkDone={() => {
                  setWaitingLink(undefined);
                }}
                kit={kit}
                onKit={setKit}
                made={made}
                onOffered={() => {
                  setMade(false);
                }}
              />
            </Session>
          )}
        </Gate>
      </VaultActionsContext>
      <NoticeStack />
    </I18nProvider>
  );
}

interface SignedInProps {
  readonly client: Client;
  readonly link: string | undefined;
  readonly onLinkDone: () => void;
  /** A recovery kit is to be entered instead of a name. */
  readonly kit: boolean;
  readonly onKit: (kit: boolean) => void;
  /** The vault was made just now; a duress PIN is offered once. */
  readonly made: boolean;
  readonly onOffered: () => void;
}

function SignedIn({ client, link, onLinkDone, kit, onKit, made, onOffered }: SignedInProps): ReactNode {
  const [account, setAccount] = useState<AccountView | "none">();
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
  if (scope === undefined)
    return <NewAccount {...{ client, link, kit, onKit, made, onOffered }} onCreated={setAccount} />;
  return (
    <ClientContext value={scope}>
      <App link={link} onLinkDone={onLinkDone} />
    </ClientContext>
  );
}
