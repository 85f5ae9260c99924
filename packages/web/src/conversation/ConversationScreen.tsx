import { useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import type { ConversationId, ConversationView, MessageView } from "@stonechat/core/client-api";
import { useWide } from "../app/use-media.ts";
import { ADDRESS, navigate, wasNavigated } from "../app/router.ts";
import { ConnectionLine } from "../conversations/ConnectionLine.tsx";
import { Empty } from "../design/Pane.tsx";
import { Icon } from "../design/icons.tsx";
import { Waiting } from "../design/Waiting.tsx";
import { t } from "../locales/texts.ts";
import { describeError } from "../state/act.ts";
import { useLive } from "../state/live.ts";
import { conversationQuestion } from "../state/questions.ts";
import { useMessages } from "../state/use-messages.ts";
import { Composer, type ComposerHandle } from "./Composer.tsx";
import { ConversationHeader } from "./ConversationHeader.tsx";
import { ConversationBanners } from "./ConversationBanners.tsx";
import { DropArea } from "./DropArea.tsx";
import { DeleteDialog } from "./DeleteDialog.tsx";
import { MessageList } from "./MessageList.tsx";
import type { MenuActions } from "./MessageMenu.tsx";
import { ReadersSheet } from "./ReadersSheet.tsx";
import { NEW } from "./use-composer.ts";
import css from "./ConversationScreen.module.css";

/** One conversation: its messages and where the next one is written. */
export function ConversationScreen({ id }: { readonly id: ConversationId }): ReactNode {
  const { value, error } = useLive(conversationQuestion(id));
  if (error !== undefined) {
    return (
      <div className={css["pane"]}>
        <Empty
          alone
          picture={<Icon name="warning" size="large" />}
          title={t("conversation.gone")}
          text={describeError(error)}
        >
          <a
            className={css["link"]}
            href={ADDRESS}
            onClick={(event) => {
              event.preventDefault();
              navigate({ screen: "list" }, { replace: true });
            }}
          >
            {t("conversation.to-list")}
          </a>
        </Empty>
      </div>
    );
  }
  if (value === undefined)
    return (
      <div className={css["pane"]}>
        <Waiting label={t("conversation.loading")} />
      </div>
    );
  return <Current key={value.id} id={id} conversation={value} />;
}

/** A group that goes on in another is the same conversation with another id: the address follows. */
function Current({
  id,
  conversation,
}: {
  readonly id: ConversationId;
  readonly conversation: ConversationView;
}): ReactNode {
  useEffect(() => {
    if (conversation.id !== id) navigate({ screen: "conversation", id: conversation.id }, { replace: true });
  }, [conversation.id, id]);
  return <Conversation conversation={conversation} />;
}

function Conversation({ conversation }: { readonly conversation: ConversationView }): ReactNode {
  const messages = useMessages(conversation.id);
  const [mode, setMode] = useState(NEW);
  const [removing, setRemoving] = useState<MessageView>();
  const [reading, setReading] = useState<MessageView>();
  const composer = useRef<ComposerHandle>(null);
  const wide = useWide();
  const open = conversation.state === "active";
  // What has disappeared or was deleted here can be neither answered nor looked at.
  const isHere = (message: MessageView | undefined): message is MessageView =>
    message !== undefined && messages.messages.some(({ id }) => id === message.id);
  const actions = useMemo<MenuActions>(
    () => ({
      reply: (message) => {
        setMode({ type: "reply", message });
      },
      edit: (message) => {
        setMode({ type: "edit", message });
      },
      remove: setRemoving,
      readers: setReading,
    }),
    [],
  );

  return (
    <DropArea
      open={open}
      onFiles={(files) => {
        composer.current?.addFiles(files);
      }}
    >
      <ConversationHeader
        conversation={conversation}
        back={!wide}
        onShown={() => {
          if (wide && wasNavigated()) composer.current?.focus();
        }}
      />
      {!wide && <ConnectionLine />}
      <ConversationBanners conversation={conversation} />
      {!messages.loaded ? (
        <Waiting label={t("conversation.loading")} />
      ) : (
        <MessageList conversation={conversation} messages={messages} actions={actions} />
      )}
      {open && (
        <Composer
          conversation={conversation}
          mode={mode.type === "new" || isHere(mode.message) ? mode : NEW}
          onModeChange={setMode}
          handle={composer}
        />
      )}
      {isHere(removing) && (
        <DeleteDialog
          message={removing}
          onClose={() => {
            setRemoving(undefined);
          }}
        />
      )}
      {isHere(reading) && (
        <ReadersSheet
          message={reading}
          onClose={() => {
            setReading(undefined);
          }}
        />
      )}
    </DropArea>
  );
}
