import { useState, type ReactNode } from "react";
import { Button } from "../design/Button.tsx";
import { CardPage } from "../design/CardPage.tsx";
import { Confirm } from "../design/Sheet.tsx";
import { t } from "../locales/texts.ts";
import type { CoreHost } from "../platform/core-host.ts";
import { act } from "../state/act.ts";

/** There was a vault, and what is left of it cannot be opened. */
export function DamagedScreen({ host }: { readonly host: CoreHost }): ReactNode {
  const [asking, setAsking] = useState(false);
  return (
    <CardPage title={t("damaged.title")} lead={t("damaged.text")}>
      <Button
        look="primary"
        onPress={() => {
          setAsking(true);
        }}
      >
        {t("damaged.clear")}
      </Button>
      <Confirm
        title={t("damaged.clear-title")}
        text={<p>{t("damaged.clear-text")}</p>}
        action={t("damaged.clear")}
        open={asking}
        onClose={() => {
          setAsking(false);
        }}
        onConfirm={() => void act(() => host.wipe())}
      />
    </CardPage>
  );
}
