import { useEffect, useRef, useState, type ReactNode } from "react";
import type { ConversationView } from "@stonechat/core/client-api";
import { ADDRESS, goBack, navigate, wasNavigated } from "../app/router.ts";
import { conversationName } from "../conversations/conversation-name.ts";
import { Avatar } from "../design/Avatar.tsx";
import { IconButton } from "../design/Button.tsx";
import { Icon } from "../design/icons.tsx";
import { formatSpan } from "../locales/format.ts";
import { t } from "../locales/texts.ts";
import { ChooseTimer, maySetTimer } from "../timer/ConversationTimer.tsx";
import css from "./ConversationHeader.module.css";

interface ConversationHeaderProps {
  readonly conversation: ConversationView;
  readonly back: boolean;
  /** Called once it is drawn, where the focus may go elsewhere than to the heading. */
  readonly onShown: () => void;
}

/** Who or what the conversation is with, and the way to its page. */
export function ConversationHeader({ conversation, back, onShown }: ConversationHeaderProps): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  const about = { screen: "about", id: conversation.id } as const;
  useEffect(() => {
    if (wasNavigated()) heading.current?.focus({ preventScroll: true });
    requestAnimationFrame(onShown);
    // Only when the conversation is opened.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  const kind = conversation.kind === "direct" ? "person" : conversation.kind;
  return (
    <header className={css["header"]}>
      {back && (
        <IconButton
          icon="back"
          label={t("action.back")}
          onPress={() => {
            goBack({ screen: "list" });
          }}
        />
      )}
      <Avatar id={conversation.contactId ?? conversation.id} name={conversation.name} kind={kind} size="small" />
      <div className={css["names"]}>
        <h1 ref={heading} tabIndex={-1} className={css["title"]} dir="auto">
          {conversationName(conversation)}
        </h1>
        <p className={css["detail"]}>
          <Detail conversation={conversation} />
        </p>
      </div>
      {conversation.timerSeconds > 0 && <TimerButton conversation={conversation} />}
      <a
        className={css["about"]}
        href={ADDRESS}
        aria-label={
          conversation.kind === "group"
            ? t("conversation.about-group")
            : conversation.kind === "own"
              ? t("conversation.about-own")
              : t("conversation.about-contact")
        }
        onClick={(event) => {
          event.preventDefault();
          navigate(about);
        }}
      >
        <Icon name="info" />
      </a>
    </header>
  );
}

function TimerButton({ conversation }: { readonly conversation: ConversationView }): ReactNode {
  const [open, setOpen] = useState(false);
  const time = formatSpan(conversation.timerSeconds);
  return (
    <>
      <IconButton
        icon="timer"
        label={t("timer.change", { time })}
        onPress={() => {
          if (maySetTimer(conversation)) setOpen(true);
          else navigate({ screen: "about", id: conversation.id });
        }}
      />
      {open && (
        <ChooseTimer
          conversation={conversation}
          onClose={() => {
            setOpen(false);
          }}
        />
      )}
    </>
  );
}

function Detail({ conversation }: { readonly conversation: ConversationView }): ReactNode {
  if (conversation.kind === "own") return t("conversation.own-detail");
  if (conversation.kind === "group") return t("conversation.members", { count: conversation.memberCount });
  return (
    <span className={conversation.verified ? css["verified"] : undefined}>
      <Icon name={conversation.verified ? "shieldCheck" : "shield"} size="small" />
      {conversation.verified ? t("contact.verified") : t("contact.unverified")}
    </span>
  );
}
