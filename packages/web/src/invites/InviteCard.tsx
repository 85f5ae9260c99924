import type { ReactNode } from "react";
import type { InviteView } from "@stonechat/core/client-api";
import { Button } from "../design/Button.tsx";
import { QrCode } from "../design/QrCode.tsx";
import { formatMoment } from "../locales/format.ts";
import { t } from "../locales/texts.ts";
import { act } from "../state/act.ts";
import { useClient } from "../state/client-context.ts";
import { notify } from "../state/notices.ts";
import css from "./InviteCard.module.css";

/** A link that is ready: as a QR code, to copy, to share, to take back. */
export function InviteCard({
  invite,
  onDone,
}: {
  readonly invite: InviteView;
  readonly onDone: () => void;
}): ReactNode {
  const { client } = useClient();
  const share = { title: t("app.name"), text: t("invite.share-text"), url: invite.link };
  const canShare = "share" in navigator && navigator.canShare(share);
  return (
    <section className={css["card"]} aria-label={t("invite.ready-title")}>
      <h2 className={css["title"]}>{t("invite.ready-title")}</h2>
      <p className={css["text"]}>{t(invite.reusable ? "invite.ready-reusable" : "invite.ready-once")}</p>
      <QrCode text={invite.link} label={t("invite.qr")} />
      <label className={css["link"]}>
        <span>{t("invite.link")}</span>
        <input
          readOnly
          dir="ltr"
          value={invite.link}
          onFocus={(event) => {
            event.currentTarget.select();
          }}
        />
      </label>
      <div className={css["actions"]}>
        <Button
          look="primary"
          icon="copy"
          onPress={() =>
            void act(async () => {
              await navigator.clipboard.writeText(invite.link);
              notify({ tone: "info", text: t("invite.copied") });
            })
          }
        >
          {t("invite.copy")}
        </Button>
        {canShare && (
          <Button
            icon="share"
            onPress={() => {
              void navigator.share(share).catch(() => undefined);
            }}
          >
            {t("invite.share")}
          </Button>
        )}
      </div>
      <p className={css["expiry"]}>{t("invite.until", { at: formatMoment(invite.expiresAt) })}</p>
      <div className={css["actions"]}>
        <Button onPress={onDone}>{t("action.done")}</Button>
        <Button
          look="danger"
          onPress={() =>
            void act(async () => {
              await client.revokeInvite(invite.id);
              onDone();
            })
          }
        >
          {t("invite.revoke")}
        </Button>
      </div>
    </section>
  );
}
