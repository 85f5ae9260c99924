import type { ReactNode } from "react";
import type { RecoveryKitView } from "@stonechat/core/client-api";
import { QrCode } from "../design/QrCode.tsx";
import { formatDate } from "../locales/format.ts";
import { t } from "../locales/texts.ts";
import { WordList } from "./WordList.tsx";
import css from "./KitSheet.module.css";

/** What stands on the paper. Needs no colours, and says how it is used and how it is taken back. */
export function KitSheet({ kit }: { readonly kit: RecoveryKitView }): ReactNode {
  const host = new URL(kit.relayUrl).host;
  return (
    <div className={css["sheet"]}>
      <h2 className={css["title"]}>{t("kit.paper-title")}</h2>
      <dl className={css["facts"]}>
        <div>
          <dt>{t("kit.paper-name")}</dt>
          <dd dir="auto">{kit.name}</dd>
        </div>
        <div>
          <dt>{t("kit.paper-relay")}</dt>
          <dd dir="ltr">{host}</dd>
        </div>
        <div>
          <dt>{t("kit.paper-made")}</dt>
          <dd>{formatDate(kit.madeAt)}</dd>
        </div>
        <div>
          <dt>{t("kit.paper-kept")}</dt>
          <dd>{formatDate(kit.keptUntil)}</dd>
        </div>
      </dl>
      <WordList words={kit.words} label={t("kit.words")} />
      <div className={css["lower"]}>
        <QrCode text={kit.qr} label={t("kit.qr")} />
        <div className={css["how"]}>
          <h3>{t("kit.paper-use")}</h3>
          <p>{t("kit.paper-use-text")}</p>
          <h3>{t("kit.paper-revoke")}</h3>
          <p>{t("kit.paper-revoke-text")}</p>
          <p className={css["warning"]}>{t("kit.paper-warning")}</p>
        </div>
      </div>
    </div>
  );
}
