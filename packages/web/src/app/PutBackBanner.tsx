import type { ReactNode } from "react";
import { Banner } from "../design/Banner.tsx";
import { Button } from "../design/Button.tsx";
import { formatMoment } from "../locales/format.ts";
import { t } from "../locales/texts.ts";
import { act } from "../state/act.ts";
import { useClient } from "../state/client-context.ts";
import { useLive } from "../state/live.ts";
import { putBacksQuestion } from "../state/questions.ts";

/** A relay was put back to an earlier state. Stays, over restarts too, until the user has put it away. */
export function PutBackBanner(): ReactNode {
  const { client } = useClient();
  const { value: putBacks } = useLive(putBacksQuestion);
  const unread = putBacks?.find(({ acknowledged }) => !acknowledged);
  if (unread === undefined) return null;
  const { relayUrl, stateOf } = unread;
  return (
    <Banner
      tone="warn"
      icon="warning"
      title={t("alarm.relay-put-back.title")}
      text={
        stateOf === undefined
          ? t("alarm.relay-put-back.text")
          : t("alarm.relay-put-back.text-at", { at: formatMoment(stateOf) })
      }
    >
      <Button onPress={() => void act(() => client.acknowledgePutBack(relayUrl))}>{t("alarm.understood")}</Button>
    </Banner>
  );
}
