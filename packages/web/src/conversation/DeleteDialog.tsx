import type { ReactNode } from "react";
import type { MessageView } from "@stonechat/core/client-api";
import { Button } from "../design/Button.tsx";
import { Sheet } from "../design/Sheet.tsx";
import { t } from "../locales/texts.ts";
import { act } from "../state/act.ts";
import { useClient } from "../state/client-context.ts";
import css from "./DeleteDialog.module.css";

/** Asks for whom a message is deleted. */
export function DeleteDialog({
  message,
  onClose,
}: {
  readonly message: MessageView;
  readonly onClose: () => void;
}): ReactNode {
  const { client } = useClient();
  const everyone = message.canDeleteForEveryone;
  return (
    <Sheet role="alertdialog" title={t("delete.title")} open onClose={onClose} closable={false}>
      <p className={css["text"]}>{t(everyone ? "delete.text-everyone" : "delete.text-me")}</p>
      <div className={css["actions"]}>
        {everyone && (
          <Button
            look="danger"
            wide
            onPress={() => {
              onClose();
              void act(() => client.deleteForEveryone(message.conversationId, message.id));
            }}
          >
            {t("delete.everyone")}
          </Button>
        )}
        <Button
          look={everyone ? "quiet" : "danger"}
          wide
          onPress={() => {
            onClose();
            void act(() => client.deleteForMe(message.conversationId, message.id));
          }}
        >
          {t("delete.me")}
        </Button>
        <Button wide onPress={onClose}>
          {t("action.cancel")}
        </Button>
      </div>
    </Sheet>
  );
}
