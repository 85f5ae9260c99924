import { useEffect, useState, useSyncExternalStore, type ReactNode } from "react";
import { Dialog } from "react-aria-components/Dialog";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { IconButton } from "../design/Button.tsx";
import { Waiting } from "../design/Waiting.tsx";
import { t } from "../locales/texts.ts";
import { act } from "../state/act.ts";
import { useClient } from "../state/client-context.ts";
import { visibleFileName } from "../text/safe-file-name.ts";
import {
  isViewable,
  onViewed,
  openViewer,
  readAttachment,
  readViewed,
  saveAttachment,
  type Viewed,
} from "./open-attachment.ts";
import css from "./Viewer.module.css";

/** A picture, sound or film over the whole window. */
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
  const name = visibleFileName(attachment.name);
  useEffect(() => {
    let made: string | undefined;
    let gone = false;
    void act(async () => {
      const blob = await readAttachment(client, message, attachment);
      if (gone || !isViewable(attachment)) return;
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
        <IconButton
          icon="download"
          label={t("attachment.save", { name })}
          onPress={() => {
            void act(() => saveAttachment(client, message, attachment));
          }}
        />
        <IconButton
          icon="close"
          label={t("action.close")}
          onPress={() => {
            openViewer(undefined);
          }}
        />
      </header>
      <div className={css["stage"]}>
        {url === undefined && <Waiting label={t("attachment.opening")} />}
        {url !== undefined && attachment.kind === "image" && <img src={url} alt={name} className={css["image"]} />}
        {url !== undefined && attachment.kind === "audio" && <audio src={url} controls aria-label={name} />}
        {url !== undefined && attachment.kind === "video" && (
          <video src={url} controls aria-label={name} className={css["image"]} />
        )}
      </div>
    </Dialog>
  );
}
