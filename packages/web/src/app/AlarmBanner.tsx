import { useEffect, useState, type ReactNode } from "react";
import type { AlarmType } from "@stonechat/core/client-api";
import { Banner } from "../design/Banner.tsx";
import { Button } from "../design/Button.tsx";
import { t, type TextId } from "../locales/texts.ts";
import { useClient } from "../state/client-context.ts";
import { navigate } from "./router.ts";

interface Alarm {
  readonly type: AlarmType;
  readonly conversationId: string | undefined;
}

/** An alarm stays above everything until the user has put it away. */
export function AlarmBanner(): ReactNode {
  const { client } = useClient();
  const [alarms, setAlarms] = useState<readonly Alarm[]>([]);
  useEffect(
    () =>
      client.onEvent((event) => {
        // That one is kept until it was read, also over a restart: PutBackBanner shows it.
        if (event.type !== "alarm" || event.alarm === "relay-put-back") return;
        const alarm = { type: event.alarm, conversationId: event.conversationId };
        setAlarms((old) => [
          ...old.filter(({ type, conversationId }) => type !== alarm.type || conversationId !== alarm.conversationId),
          alarm,
        ]);
      }),
    [client],
  );
  const first = alarms[0];
  if (first === undefined) return null;
  const { type, conversationId } = first;
  return (
    <Banner
      tone="danger"
      icon="warning"
      title={t(`alarm.${type}.title` satisfies TextId)}
      text={t(`alarm.${type}.text` satisfies TextId)}
    >
      {conversationId !== undefined && (
        <Button
          onPress={() => {
            navigate({ screen: "conversation", id: conversationId });
          }}
        >
          {t("alarm.show")}
        </Button>
      )}
      <Button
        onPress={() => {
          setAlarms((old) => old.slice(1));
        }}
      >
        {t("alarm.understood")}
      </Button>
    </Banner>
  );
}
