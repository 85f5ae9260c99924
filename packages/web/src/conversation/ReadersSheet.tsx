import { useEffect, useState, type ReactNode } from "react";
import type { MessageView, ReadersView } from "@stonechat/core/client-api";
import { Avatar } from "../design/Avatar.tsx";
import { Section } from "../design/Pane.tsx";
import { Row } from "../design/Row.tsx";
import { Sheet } from "../design/Sheet.tsx";
import { Waiting } from "../design/Waiting.tsx";
import { formatMoment } from "../locales/format.ts";
import { t } from "../locales/texts.ts";
import { act } from "../state/act.ts";
import { useClient } from "../state/client-context.ts";
import { describeState } from "./describe.ts";

/** "Who could read this": the members of the message's epoch, and what is known of each. */
export function ReadersSheet({
  message,
  onClose,
}: {
  readonly message: MessageView;
  readonly onClose: () => void;
}): ReactNode {
  const { client } = useClient();
  const [view, setView] = useState<ReadersView>();
  useEffect(() => {
    void act(async () => {
      setView(await client.readers(message.conversationId, message.id));
    });
  }, [client, message.conversationId, message.id]);
  return (
    <Sheet title={t("readers.title")} open onClose={onClose}>
      <p>{t("readers.text")}</p>
      {view === undefined ? (
        <Waiting label={t("readers.loading")} />
      ) : (
        <Section>
          {view.readers.map((reader) => (
            <Row
              key={reader.id}
              lead={<Avatar id={reader.id} name={reader.name} size="small" />}
              title={reader.self ? t("readers.self", { name: reader.name }) : reader.name}
              detail={describeReader(reader)}
            />
          ))}
        </Section>
      )}
      <p>
        {message.fromSelf
          ? t("readers.sent", { at: formatMoment(message.sentAt), state: describeState(message.state) })
          : t("readers.received", { sent: formatMoment(message.sentAt), received: formatMoment(message.receivedAt) })}
      </p>
    </Sheet>
  );
}

function describeReader(reader: ReadersView["readers"][number]): string {
  const devices = t("readers.devices", { count: reader.deviceCount });
  if (reader.readAt !== undefined) return t("readers.read", { devices, at: formatMoment(reader.readAt) });
  if (reader.deliveredAt !== undefined)
    return t("readers.delivered", { devices, at: formatMoment(reader.deliveredAt) });
  return devices;
}
