import { useState, type ReactNode } from "react";
import type { ConversationView } from "@stonechat/core/client-api";
import { navigate } from "../app/router.ts";
import { Section } from "../design/Pane.tsx";
import { RowButton } from "../design/Row.tsx";
import { Confirm } from "../design/Sheet.tsx";
import { t } from "../locales/texts.ts";
import { act } from "../state/act.ts";
import { useClient } from "../state/client-context.ts";

/** Removes the messages from this device; of a conversation that has ended, the conversation too. */
export function ClearConversation({
  conversation,
  children,
}: {
  readonly conversation: ConversationView;
  readonly children?: ReactNode;
}): ReactNode {
  const { client } = useClient();
  const [asking, setAsking] = useState(false);
  const ended = conversation.state === "left" || conversation.state === "removed" || conversation.state === "broken";
  return (
    <Section>
      {children}
      <RowButton
        icon="trash"
        look="danger"
        title={t(ended ? "clear.remove" : "clear.messages")}
        onPress={() => {
          setAsking(true);
        }}
      />
      <Confirm
        title={t(ended ? "clear.remove-title" : "clear.title")}
        text={<p>{t(ended ? "clear.remove-text" : "clear.text")}</p>}
        action={t(ended ? "clear.remove" : "clear.messages")}
        open={asking}
        onClose={() => {
          setAsking(false);
        }}
        onConfirm={() =>
          void act(async () => {
            await client.clearConversation(conversation.id);
            if (ended) navigate({ screen: "list" }, { replace: true });
          })
        }
      />
    </Section>
  );
}
