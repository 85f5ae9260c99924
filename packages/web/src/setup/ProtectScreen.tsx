import { useEffect, useState, type ReactNode } from "react";
import type { GuardsView, VaultMode } from "@stonechat/core/client-api";
import { Banner } from "../design/Banner.tsx";
import { Button } from "../design/Button.tsx";
import { CardPage } from "../design/CardPage.tsx";
import { ChoiceRows } from "../design/Row.tsx";
import { Waiting } from "../design/Waiting.tsx";
import { t, type TextId } from "../locales/texts.ts";
import type { CoreHost } from "../platform/core-host.ts";
import { NewSecret } from "../security/NewSecret.tsx";
import { GuardsWorth } from "../security/Protection.tsx";
import { describeError } from "../state/act.ts";
import { ConcealChoice } from "./ConcealChoice.tsx";
import { CoverChoice } from "./CoverChoice.tsx";
import css from "./ProtectScreen.module.css";

type Offer = { readonly guards: GuardsView | undefined } | "asking" | "unreachable";
type Mode = Exclude<VaultMode, "none">;

interface ProtectScreenProps {
  readonly host: CoreHost;
  readonly onBack: () => void;
  readonly onMake: () => void;
}

/** How this device is protected: PIN or passphrase, then the secret itself. Makes the vault and opens it. */
export function ProtectScreen({ host, onBack, onMake }: ProtectScreenProps): ReactNode {
  const [offer, ask] = useOffer(host);
  const [mode, setMode] = useState<Mode>();
  const [secret, setSecret] = useState<string>();
  const [conceal, setConceal] = useState(false);
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  if (offer === "asking") return <Waiting label={t("setup.asking-guards")} />;
  const guards = offer === "unreachable" ? undefined : offer.guards;
  const chosen = mode ?? (guards === undefined ? "passphrase" : "pin");

  const create = async (): Promise<void> => {
    if (secret === undefined || busy) return;
    setBusy(true);
    setError(undefined);
    onMake();
    const relayUrl = location.origin;
    try {
      await host.door.create(
        chosen === "pin"
          ? { mode: "pin", relayUrl, pin: secret, kind: conceal ? "conceal" : "destroy" }
          : { mode: "passphrase", relayUrl, passphrase: secret },
      );
    } catch (reason) {
      setError(describeError(reason));
      setBusy(false);
    }
  };

  return (
    <CardPage title={t("setup.protect-title")} lead={t("setup.protect-lead")} mark={false}>
      <form
        className={css["form"]}
        onSubmit={(event) => {
          event.preventDefault();
          void create();
        }}
      >
        <ChoiceRows
          legend={t("setup.protect-title")}
          name="mode"
          value={chosen}
          options={(["pin", "passphrase"] as const)
            .filter((one) => one === "passphrase" || guards !== undefined)
            .map((value) => ({
              value,
              title: t(`setup.${value}` satisfies TextId),
              detail: t(`setup.${value}-detail` satisfies TextId),
            }))}
          onChange={(next) => {
            setMode(next);
            setSecret(undefined);
          }}
        />
        {guards === undefined && (
          <Banner
            tone="warn"
            icon="warning"
            title={t(offer === "unreachable" ? "setup.guards-unreachable" : "setup.no-guards")}
            text={t(offer === "unreachable" ? "setup.guards-unreachable-text" : "setup.no-guards-text")}
          >
            {offer === "unreachable" && <Button onPress={ask}>{t("open.again")}</Button>}
          </Banner>
        )}
        {chosen === "pin" && guards !== undefined && <GuardsWorth guards={guards} />}
        <NewSecret key={chosen} mode={chosen} onSecret={setSecret} />
        <details className={css["advanced"]}>
          <summary>{t("setup.advanced")}</summary>
          <CoverChoice />
          {chosen === "pin" && <ConcealChoice chosen={conceal} onChange={setConceal} />}
        </details>
        {error !== undefined && <Banner tone="danger" icon="warning" title={error} />}
        <Button type="submit" look="primary" wide isDisabled={secret === undefined} busy={busy}>
          {busy ? t("setup.making") : t("setup.make")}
        </Button>
        <Button look="plain" onPress={onBack}>
          {t("action.back")}
        </Button>
      </form>
    </CardPage>
  );
}

/** The guards of this page's relay, and what asks again. */
function useOffer({ door }: CoreHost): readonly [Offer, () => void] {
  const [offer, setOffer] = useState<Offer>("asking");
  const ask = (): void => {
    setOffer("asking");
    door.offeredGuards().then(
      (guards) => {
        setOffer({ guards });
      },
      () => {
        setOffer("unreachable");
      },
    );
  };
  useEffect(ask, [door]);
  return [offer, ask];
}
