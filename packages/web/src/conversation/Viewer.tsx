import { useEffect, useState, useSyncExternalStore, type MouseEvent, type ReactNode } from "react";
import { Dialog } from "react-aria-components/Dialog";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { ClientError, type Client } from "@stonechat/core/client-api";
import { IconButton } from "../design/Button.tsx";
import { Waiting } from "../design/Waiting.tsx";
import { t, type TextId } from "../locales/texts.ts";
import { act } from "../state/act.ts";
import { useClient } from "../state/client-context.ts";
import { visibleFileName } from "../text/safe-file-name.ts";
import {
  canShow,
  isViewable,
  onViewed,
  openViewer,
  readAttachment,
  readViewed,
  saveAttachment,
  type Viewed,
} from "./open-attachment.ts";
import css from "./Viewer.module.css";

/** A picture, sound or film over the whole window. What may be seen once cannot be saved, and goes when it is closed. */
export function Viewer(): ReactNode {
  const viewed = useSyncExternalStore(onViewed, readViewed);
  return (
    <ModalOverlay
      isOpen={viewed !== undefined}
      onOpenChange={(open) => {
        if (!open) openViewer(undefined);
      }}
      isDismissable
      className={css["overlay"] ?? ""}
    >
      <Modal className={css["modal"] ?? ""}>{viewed !== undefined && <Content viewed={viewed} />}</Modal>
    </ModalOverlay>
  );
}

function Content({ viewed }: { readonly viewed: Viewed }): ReactNode {
  const { client } = useClient();
  const { message, attachment } = viewed;
  const [url, setUrl] = useState<string>();
  const [refused, setRefused] = useState(false);
  const once = message.viewOnce !== undefined;
  const name = once ? t(`once.${attachment.kind}` satisfies TextId) : visibleFileName(attachment.name);
  useEffect(() => closeWhenGone(client, viewed), [client, viewed]);
  useEffect(() => {
    let made: string | undefined;
    let gone = false;
    void act(async () => {
      const blob = await readAttachment(client, message, attachment);
      const shows = isViewable(attachment) && (await canShow(attachment, blob));
      if (gone) return;
      if (!shows) {
        setRefused(true);
        return;
      }
      made = URL.createObjectURL(blob.slice(0, blob.size, attachment.mediaType));
      setUrl(made);
    }).then((done) => {
      if (!done && !gone) openViewer(undefined);
    });
    return () => {
      gone = true;
      if (made !== undefined) URL.revokeObjectURL(made);
    };
  }, [client, message, attachment]);
  return (
    <Dialog aria-label={name} className={css["dialog"] ?? ""}>
      <header className={css["header"]}>
        <bdi className={css["name"]}>{name}</bdi>
        {!once && (
          <IconButton
            icon="download"
            label={t("attachment.save", { name })}
            onPress={() => {
              void act(() => saveAttachment(client, message, attachment));
            }}
          />
        )}
        <IconButton
          icon="close"
          label={t("action.close")}
          onPress={() => {
            openViewer(undefined);
          }}
        />
      </header>
      {once && <p className={css["note"]}>{t("once.close-note")}</p>}
      <div className={css["stage"]} {...(once ? { onContextMenu: refuse } : {})}>
        {refused && <p role="alert">{t("attachment.not-shown")}</p>}
        {url === undefined && !refused && <Waiting label={t("attachment.opening")} />}
        {url !== undefined && attachment.kind === "image" && (
          <img src={url} alt={name} className={css["image"]} draggable={!once} />
        )}
        {url !== undefined && attachment.kind === "audio" && (
          <audio src={url} controls aria-label={name} {...(once ? { controlsList: "nodownload" } : {})} />
        )}
        {url !== undefined && attachment.kind === "video" && (
          <video
            src={url}
            controls
            playsInline
            aria-label={name}
            className={css["image"]}
            {...(once
              ? { controlsList: "nodownload", disablePictureInPicture: true, disableRemotePlayback: true }
              : {})}
          />
        )}
      </div>
    </Dialog>
  );
}

/** Closes the viewer when its message is gone, and what may be seen once also when the page is left. */
function closeWhenGone(client: Client, { message }: Viewed): () => void {
  const close = (): void => {
    openViewer(undefined);
  };
  const look = async (): Promise<void> => {
    try {
      await client.message(message.conversationId, message.id);
    } catch (error) {
      if (error instanceof ClientError && error.code === "not-found") close();
      else throw error;
    }
  };
  const onHide = (): void => {
    if (message.viewOnce !== undefined && document.visibilityState === "hidden") close();
  };
  document.addEventListener("visibilitychange", onHide);
  const end = client.onEvent((event) => {
    if (event.type !== "messages-changed" || event.conversationId !== message.conversationId) return;
    if (event.messageIds.length === 0 || event.messageIds.includes(message.id)) void act(look);
  });
  return () => {
    document.removeEventListener("visibilitychange", onHide);
    end();
  };
}

function refuse(event: MouseEvent): void {
  event.preventDefault();
}
