import { lazy, Suspense, useEffect, useState, type ReactNode } from "react";
import type { AccountView, Client, VaultView } from "@stonechat/core/client-api";
import { CardPage } from "../design/CardPage.tsx";
import { Waiting } from "../design/Waiting.tsx";
import { WithBanner } from "../design/WithBanner.tsx";
import { t } from "../locales/texts.ts";
import { act } from "../state/act.ts";
import { Visiting } from "../app/Visiting.tsx";
import { useVaultActions } from "../state/vault-actions.ts";
import { WelcomeScreen } from "../welcome/WelcomeScreen.tsx";
import { DuressStep } from "./DuressStep.tsx";

const RestoreKit = lazy(async () => ({ default: (await import("../provisions/RestoreKit.tsx")).RestoreKit }));

interface NewAccountProps {
  readonly client: Client;
  readonly link: string | undefined;
  readonly kit: boolean;
  readonly onKit: (kit: boolean) => void;
  /** The vault was made just now. One that was unlocked is never offered a duress PIN here: a decoy would be, too. */
  readonly made: boolean;
  readonly onOffered: () => void;
  readonly onCreated: (account: AccountView) => void;
}

/** A vault without an account: a duress PIN for who wants one, then a name or a recovery kit. */
export function NewAccount({ client, link, kit, onKit, made, onOffered, onCreated }: NewAccountProps): ReactNode {
  const actions = useVaultActions();
  const [vault, setVault] = useState<VaultView | "none">();
  useEffect(() => {
    void act(async () => {
      setVault((await client.vault()) ?? "none");
    });
  }, [client]);
  if (vault === undefined) return <Waiting label={t("app.loading")} />;
  if (made && vault !== "none" && offersDuress(vault)) {
    return <DuressStep client={client} onRehearse={() => void act(actions.rehearse)} onDone={onOffered} />;
  }
  return (
    <WithBanner banner={vault !== "none" && vault.visiting && <Visiting />}>
      {kit ? (
        <CardPage title={t("setup.have-kit")} mark={false}>
          <Suspense fallback={<Waiting label={t("app.loading")} />}>
            <RestoreKit
              client={client}
              onRestored={onCreated}
              onBack={() => {
                onKit(false);
              }}
            />
          </Suspense>
        </CardPage>
      ) : (
        <WelcomeScreen
          client={client}
          link={link}
          onCreated={onCreated}
          onKit={() => {
            onKit(true);
          }}
        />
      )}
    </WithBanner>
  );
}

function offersDuress({ mode, kind, duressPin, visiting }: VaultView): boolean {
  return mode === "pin" && kind === "destroy" && !duressPin && !visiting;
}
