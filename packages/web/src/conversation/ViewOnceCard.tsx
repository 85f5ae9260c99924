import type { ReactNode } from "react";
import type { AttachmentView, MessageView } from "@stonechat/core/client-api";
import { Button } from "../design/Button.tsx";
import { Icon } from "../design/icons.tsx";
import { t, type TextId } from "../locales/texts.ts";
import { act } from "../state/act.ts";
import { useClient } from "../state/client-context.ts";
import { TransferState } from "./AttachmentCard.tsx";
import { isViewable, openViewer } from "./open-attachment.ts";
import css from "./ViewOnceCard.module.css";

/** Media that can be opened one time: no picture of it, no name, and nothing to save it with. */
export function ViewOnceCard({ message }: { readonly message: MessageView }): ReactNode {
  const attachment = message.attachments[0];
  if (message.viewOnce === "opened" || attachment === undefined) {
    return (
      <div className={css["card"]}>
        <Icon name={message.fromSelf ? "once" : "onceOpened"} />
        <span className={css["text"]}>
          <span className={css["title"]}>{t(message.fromSelf ? "message.view-once" : "once.opened")}</span>
          <span className={css["detail"]}>{t(message.fromSelf ? "once.sent" : "once.opened-detail")}</span>
        </span>
      </div>
    );
  }
  return (
    <div className={css["card"]}>
      <Icon name="once" />
      <span className={css["text"]}>
        <span className={css["title"]}>{t(`once.${attachment.kind}` satisfies TextId)}</span>
        {message.fromSelf && <span className={css["detail"]}>{t("once.sent")}</span>}
        {!message.fromSelf && !isViewable(attachment) && <span className={css["detail"]}>{t("once.not-here")}</span>}
      </span>
      <Action message={message} attachment={attachment} />
    </div>
  );
}

function Action({
  message,
  attachment,
}: {
  readonly message: MessageView;
  readonly attachment: AttachmentView;
}): ReactNode {
  const { client } = useClient();
  const { state } = attachment.transfer;
  if (state !== "remote" && state !== "local") return <TransferState message={message} attachment={attachment} />;
  if (message.fromSelf || !isViewable(attachment)) return null;
  return state === "local" ? (
    <Button
      icon="eye"
      onPress={() => {
        openViewer({ message, attachment });
      }}
    >
      {t("once.open")}
    </Button>
  ) : (
    <Button
      icon="download"
      onPress={() => {
        void act(() => client.download(message.conversationId, message.id, attachment.id));
      }}
    >
      {t("once.download")}
    </Button>
  );
}
