import { lazy, Suspense, useState, type ReactNode } from "react";
import type { ConversationView } from "@stonechat/core/client-api";
import { Section } from "../design/Pane.tsx";
import { Row, RowButton } from "../design/Row.tsx";
import { formatSpan } from "../locales/format.ts";
import { t } from "../locales/texts.ts";
import { act } from "../state/act.ts";
import { useClient } from "../state/client-context.ts";

const TimerSheet = lazy(async () => ({ default: (await import("./TimerSheet.tsx")).TimerSheet }));

/** Whether this user may choose the conversation's timer. */
export function maySetTimer({ kind, state, ownRole }: ConversationView): boolean {
  return state === "active" && (kind !== "group" || ownRole === "admin");
}

/** After which time new messages of a conversation disappear; the way to change it for who may. */
export function ConversationTimer({ conversation }: { readonly conversation: ConversationView }): ReactNode {
  const [open, setOpen] = useState(false);
  const { timerSeconds } = conversation;
  const detail = timerSeconds === 0 ? t("timer.off") : t("timer.after", { time: formatSpan(timerSeconds) });
  return (
    <Section note={t(maySetTimer(conversation) ? "timer.note" : "timer.only-admins")}>
      {maySetTimer(conversation) ? (
        <RowButton
          icon="timer"
          title={t("timer.title")}
          detail={detail}
          end="forward"
          onPress={() => {
            setOpen(true);
          }}
        />
      ) : (
        <Row icon="timer" title={t("timer.title")} detail={detail} />
      )}
      {open && (
        <ChooseTimer
          conversation={conversation}
          onClose={() => {
            setOpen(false);
          }}
        />
      )}
    </Section>
  );
}

/** Asks for the conversation's timer and sets it. */
export function ChooseTimer({
  conversation,
  onClose,
}: {
  readonly conversation: ConversationView;
  readonly onClose: () => void;
}): ReactNode {
  const { client } = useClient();
  return (
    <Suspense fallback={null}>
      <TimerSheet
        title={t("timer.title")}
        text={t(conversation.kind === "own" ? "timer.text-own" : "timer.text")}
        seconds={conversation.timerSeconds}
        below={0}
        none={t("timer.off")}
        onClose={onClose}
        onChosen={(seconds) => void act(() => client.setTimer(conversation.id, seconds))}
      />
    </Suspense>
  );
}
