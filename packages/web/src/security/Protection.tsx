import type { ReactNode } from "react";
import type { GuardsView, VaultView } from "@stonechat/core/client-api";
import { Banner } from "../design/Banner.tsx";
import { Section } from "../design/Pane.tsx";
import { Row } from "../design/Row.tsx";
import { formatNumber, isolate } from "../locales/format.ts";
import { t, type TextId } from "../locales/texts.ts";
import { oneIn, soleOperator, splitFingerprint } from "./protection.ts";
import css from "./Protection.module.css";

/** What stands between this vault and who takes the device: mode, guards, and what they are worth. */
export function Protection({ vault }: { readonly vault: VaultView }): ReactNode {
  const { mode, guards } = vault;
  return (
    <>
      <Section title={t("security.protection")}>
        <Row
          icon="lock"
          title={t(`security.mode-${mode}` satisfies TextId)}
          detail={t(`security.mode-${mode}-detail` satisfies TextId)}
        />
        {guards !== undefined && <Worth guards={guards} />}
      </Section>
      {mode === "none" && (
        <div className={css["banner"]}>
          <Banner tone="danger" icon="warning" title={t("security.none-title")} text={t("security.none-text")} />
        </div>
      )}
      {guards !== undefined && <FewOperators guards={guards} />}
      {guards !== undefined && <Guards guards={guards} reached={vault.guardsReached} />}
    </>
  );
}

/** Before there is a vault: what these guards would be worth, and who they are. */
export function GuardsWorth({ guards }: { readonly guards: GuardsView }): ReactNode {
  return (
    <>
      <div>
        <Worth guards={guards} />
        <Row
          icon="shieldCheck"
          title={t("security.guards")}
          detail={guards.guards.map(({ name, operator }) => `${isolate(name)} (${isolate(operator)})`).join(", ")}
        />
      </div>
      <FewOperators guards={guards} />
    </>
  );
}

function Worth({ guards }: { readonly guards: GuardsView }): ReactNode {
  const { guesses, needed, lossesBorne, cheatersBorne } = guards;
  return (
    <>
      <Row
        icon="shield"
        title={t("security.guesses", { count: guesses })}
        detail={t("security.guesses-detail", { odds: formatNumber(oneIn(guesses)) })}
      />
      <Row
        icon="people"
        title={t("security.threshold", { needed: formatNumber(needed), count: guards.guards.length })}
        detail={`${t("security.losses", { count: lossesBorne })} ${t("security.cheaters", { count: cheatersBorne })}`}
      />
    </>
  );
}

/** Guards of one operator are one guard: said plainly. */
function FewOperators({ guards }: { readonly guards: GuardsView }): ReactNode {
  const operator = soleOperator(guards);
  if (operator === undefined) return null;
  return (
    <div className={css["banner"]}>
      <Banner
        tone="warn"
        icon="warning"
        title={t("security.one-operator", { count: guards.guards.length })}
        text={t("security.one-operator-text", { operator: isolate(operator) })}
      />
    </div>
  );
}

function Guards({ guards, reached }: { readonly guards: GuardsView; readonly reached: number }): ReactNode {
  return (
    <Section
      title={t("security.guards")}
      note={t("security.guards-note", { reached: formatNumber(reached), count: guards.guards.length })}
    >
      {guards.guards.map(({ name, operator, url, fingerprint }) => (
        <div key={url} className={css["guard"]}>
          <Row
            icon="shieldCheck"
            title={name}
            detail={t("security.guard-detail", { operator: isolate(operator), host: isolate(new URL(url).host) })}
          />
          <p className={css["fingerprint"]} aria-label={t("security.fingerprint", { name })}>
            <bdi dir="ltr">{splitFingerprint(fingerprint)}</bdi>
          </p>
        </div>
      ))}
    </Section>
  );
}
