import { useEffect, useState, type ReactNode } from "react";
import type { AttachmentView, MessageView } from "@stonechat/core/client-api";
import { IconButton } from "../design/Button.tsx";
import { Icon, type IconName } from "../design/icons.tsx";
import { Progress } from "../design/Waiting.tsx";
import { formatPercent, formatSize } from "../locales/format.ts";
import { t, type TextId } from "../locales/texts.ts";
import { act } from "../state/act.ts";
import { useClient } from "../state/client-context.ts";
import { visibleFileName } from "../text/safe-file-name.ts";
import { isPicture } from "./media-content.ts";
import { isViewable, openViewer, saveAttachment } from "./open-attachment.ts";
import css from "./AttachmentCard.module.css";

interface AttachmentCardProps {
  readonly message: MessageView;
  readonly attachment: AttachmentView;
}

/** One attached file: a picture if it carries one, else a card with name and size; and how its transfer goes. */
export function AttachmentCard({ message, attachment }: AttachmentCardProps): ReactNode {
  return isPicture(attachment) ? (
    <Picture message={message} attachment={attachment} />
  ) : (
    <FileCard message={message} attachment={attachment} />
  );
}

function Picture({ message, attachment }: AttachmentCardProps): ReactNode {
  const { client } = useClient();
  const url = useObjectUrl(attachment.thumbnail);
  const { transfer } = attachment;
  const name = visibleFileName(attachment.name);
  const local = transfer.state === "local";
  const open = (): void => {
    if (local || message.fromSelf) openViewer({ message, attachment });
    else if (transfer.state === "remote")
      void act(() => client.download(message.conversationId, message.id, attachment.id));
  };
  return (
    <figure className={css["picture"]}>
      <button
        type="button"
        className={css["pictureButton"]}
        onClick={open}
        aria-label={local ? t("attachment.open-picture", { name }) : t("attachment.download", { name })}
      >
        {url !== undefined && (
          <img src={url} alt="" width={attachment.width} height={attachment.height} className={css["image"]} />
        )}
      </button>
      {transfer.state === "remote" && (
        <span className={css["badge"]}>
          <Icon name="download" size="small" />
          {formatSize(attachment.size)}
        </span>
      )}
      {transfer.state !== "local" && transfer.state !== "remote" && (
        <div className={css["pictureState"]}>
          <TransferState message={message} attachment={attachment} />
        </div>
      )}
    </figure>
  );
}

function FileCard({ message, attachment }: AttachmentCardProps): ReactNode {
  const { client } = useClient();
  const { transfer } = attachment;
  const name = visibleFileName(attachment.name);
  return (
    <div className={css["file"]}>
      <span className={css["fileIcon"]}>
        <Icon name={ICONS[attachment.kind]} />
      </span>
      <span className={css["fileText"]}>
        <bdi className={css["fileName"]}>{name}</bdi>
        <span className={css["fileSize"]}>{formatSize(attachment.size)}</span>
      </span>
      {transfer.state === "local" && isViewable(attachment) && (
        <IconButton
          icon="eye"
          look="small"
          label={t("attachment.open", { name })}
          onPress={() => {
            openViewer({ message, attachment });
          }}
        />
      )}
      {transfer.state === "local" && (
        <IconButton
          icon="download"
          look="small"
          label={t("attachment.save", { name })}
          onPress={() => {
            void act(() => saveAttachment(client, message, attachment));
          }}
        />
      )}
      {transfer.state === "remote" && (
        <IconButton
          icon="download"
          look="small"
          label={t("attachment.download", { name })}
          onPress={() => {
            void act(() => client.download(message.conversationId, message.id, attachment.id));
          }}
        />
      )}
      {transfer.state !== "local" && transfer.state !== "remote" && (
        <TransferState message={message} attachment={attachment} />
      )}
    </div>
  );
}

/** How an attachment's transfer goes, and what one can do about it. */
export function TransferState({ message, attachment }: AttachmentCardProps): ReactNode {
  const { client } = useClient();
  const { transfer } = attachment;
  const name = visibleFileName(attachment.name);
  // Own transfers go on by themselves.
  const retry = message.fromSelf ? null : (
    <IconButton
      icon="retry"
      look="small"
      label={t("attachment.retry", { name })}
      onPress={() => {
        void act(() => client.download(message.conversationId, message.id, attachment.id));
      }}
    />
  );
  switch (transfer.state) {
    case "uploading":
    case "downloading":
    case "paused":
      return (
        <div className={css["transfer"]}>
          <Progress
            label={t(`attachment.${transfer.state}` satisfies TextId, { name })}
            done={transfer.done}
            total={transfer.total}
            still={transfer.state === "paused"}
          />
          <span className={css["transferText"]}>
            {transfer.state === "paused"
              ? t("attachment.paused-short")
              : formatPercent(transfer.total === 0 ? 0 : transfer.done / transfer.total)}
          </span>
          {transfer.state === "paused" && retry}
          <IconButton
            icon="close"
            look="small"
            label={t("attachment.cancel", { name })}
            onPress={() => {
              void act(() => client.cancelTransfer(message.conversationId, message.id, attachment.id));
            }}
          />
        </div>
      );
    case "failed":
      return (
        <div className={css["transfer"]}>
          <span className={css["failed"]}>
            <Icon name="warning" size="small" />
            {t(`attachment.failed-${transfer.reason}` satisfies TextId)}
          </span>
          {transfer.reason !== "gone" && transfer.reason !== "too-large" && retry}
        </div>
      );
    case "remote":
    case "local":
      return null;
  }
}

/** An address for bytes in memory; given back when no longer shown. */
function useObjectUrl(bytes: Uint8Array | undefined): string | undefined {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    if (bytes === undefined) return undefined;
    const made = URL.createObjectURL(new Blob([new Uint8Array(bytes)], { type: "image/jpeg" }));
    setUrl(made);
    return () => {
      URL.revokeObjectURL(made);
    };
  }, [bytes]);
  return url;
}

const ICONS: Readonly<Record<AttachmentView["kind"], IconName>> = {
  file: "file",
  image: "image",
  audio: "play",
  video: "play",
};
