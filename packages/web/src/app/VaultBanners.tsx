import { useState, type ReactNode } from "react";
import { Banner } from "../design/Banner.tsx";
import { Button } from "../design/Button.tsx";
import { t } from "../locales/texts.ts";
import { useLive } from "../state/live.ts";
import { vaultQuestion } from "../state/questions.ts";
import { navigate } from "./router.ts";
import { Visiting } from "./Visiting.tsx";

/** What the vault has to say above everything: that a copy of this device is being tried, or that this is the decoy. */
export function VaultBanners(): ReactNode {
  const { value: vault } = useLive(vaultQuestion);
  const [understood, setUnderstood] = useState(false);
  if (vault === undefined || vault === "none") return null;
  return (
    <>
      {vault.foreignGuesses > 0 && !understood && (
        <Banner
          tone="danger"
          icon="warning"
          title={t("alarm.guesses-title", { count: vault.foreignGuesses })}
          text={t("alarm.guesses-text")}
        >
          <Button
            onPress={() => {
              navigate({ screen: "security" });
            }}
          >
            {t("alarm.guesses-act")}
          </Button>
          <Button
            onPress={() => {
              setUnderstood(true);
            }}
          >
            {t("alarm.understood")}
          </Button>
        </Banner>
      )}
      {vault.visiting && <Visiting />}
    </>
  );
}
