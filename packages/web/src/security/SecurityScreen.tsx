import type { ReactNode } from "react";
import type { VaultView } from "@stonechat/core/client-api";
import { navigate } from "../app/router.ts";
import { Banner } from "../design/Banner.tsx";
import { PaneBody, Section } from "../design/Pane.tsx";
import { PaneHeader } from "../design/PaneHeader.tsx";
import { RowButton } from "../design/Row.tsx";
import { Waiting } from "../design/Waiting.tsx";
import { formatDate } from "../locales/format.ts";
import { t } from "../locales/texts.ts";
import { useLive } from "../state/live.ts";
import { kitMadeAtQuestion, vaultQuestion } from "../state/questions.ts";
import { CoverChoice } from "../setup/CoverChoice.tsx";
import { DuressSection } from "./DuressSection.tsx";
import { EraseSection } from "./EraseSection.tsx";
import { HiddenSection } from "./HiddenSection.tsx";
import { LockSection } from "./LockSection.tsx";
import { Protection } from "./Protection.tsx";
import { SecretSection } from "./SecretSection.tsx";
import { StorageSection } from "./StorageSection.tsx";
import css from "./Protection.module.css";

/**
 * How this vault is protected and what can be done about it. Drawn from what the vault says of itself and from nothing
 * else, so that it is the same in every vault that says the same.
 */
export function SecurityScreen(): ReactNode {
  const { value: vault } = useLive(vaultQuestion);
  return (
    <>
      <PaneHeader title={t("security.title")} parent={{ screen: "settings" }} />
      <PaneBody>
        {vault === undefined && <Waiting label={t("app.loading")} />}
        {vault === "none" && (
          <div className={css["banner"]}>
            <Banner tone="warn" icon="warning" title={t("security.no-vault")} text={t("security.no-vault-text")} />
          </div>
        )}
        {vault !== undefined && vault !== "none" && <OfVault vault={vault} />}
      </PaneBody>
    </>
  );
}

function OfVault({ vault }: { readonly vault: VaultView }): ReactNode {
  return (
    <>
      <Protection vault={vault} />
      <SecretSection vault={vault} />
      {vault.mode === "pin" && vault.kind === "destroy" && <DuressSection vault={vault} />}
      {vault.mode === "pin" && vault.kind === "conceal" && <HiddenSection />}
      <LockSection vault={vault} />
      <Provisions />
      <Section title={t("security.cover")} note={t("security.cover-note")}>
        <CoverChoice />
      </Section>
      <StorageSection vault={vault} />
      <EraseSection />
    </>
  );
}

/** For the day when this device is gone, and for the day at the border. */
function Provisions(): ReactNode {
  const { value: madeAt } = useLive(kitMadeAtQuestion);
  return (
    <Section title={t("security.provisions")}>
      <RowButton
        icon="print"
        title={t("kit.title")}
        detail={
          madeAt === undefined || madeAt === "never" ? t("kit.row") : t("kit.row-made", { at: formatDate(madeAt) })
        }
        end="forward"
        onPress={() => {
          navigate({ screen: "kit" });
        }}
      />
      <RowButton
        icon="luggage"
        title={t("travel.title")}
        detail={t("travel.row")}
        end="forward"
        onPress={() => {
          navigate({ screen: "travel" });
        }}
      />
      <RowButton
        icon="info"
        title={t("pins.title")}
        end="forward"
        onPress={() => {
          navigate({ screen: "pins" });
        }}
      />
    </Section>
  );
}
