import type { ReactNode } from "react";
import { Banner } from "../design/Banner.tsx";
import { Button } from "../design/Button.tsx";
import { t } from "../locales/texts.ts";
import { act } from "../state/act.ts";
import { useVaultActions } from "../state/vault-actions.ts";

/** Says that this is the decoy, to its owner who came from the real vault and to nobody else; leads out of it. */
export function Visiting(): ReactNode {
  const actions = useVaultActions();
  return (
    <Banner tone="info" icon="info" title={t("visiting.title")} text={t("visiting.text")}>
      <Button icon="lock" onPress={() => void act(actions.lock)}>
        {t("visiting.lock")}
      </Button>
    </Banner>
  );
}
