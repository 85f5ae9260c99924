import type { AttachmentView, Client, MessageView } from "@stonechat/core/client-api";
import { ClientError } from "@stonechat/core/client-api";
import { isShowable, MEDIA_HEAD_BYTES } from "./media-content.ts";
import { safeFileName } from "../text/safe-file-name.ts";

/** A picture, sound or film that is shown over everything. */
export interface Viewed {
  readonly message: MessageView;
  readonly attachment: AttachmentView;
}

/** Only these are ever shown inside the app, and only by `img`, `audio` and `video`; everything else is saved. */
const VIEWABLE = /^(?:image\/(?:jpeg|png|webp|gif)|audio\/[\w.+-]+|video\/[\w.+-]+)$/;
let viewed: Viewed | undefined;
const listeners = new Set<() => void>();

export function isViewable(attachment: Pick<AttachmentView, "kind" | "mediaType">): boolean {
  return attachment.kind !== "file" && VIEWABLE.test(attachment.mediaType);
}

export function openViewer(next: Viewed | undefined): void {
  viewed = next;
  for (const listener of listeners) listener();
}

export function readViewed(): Viewed | undefined {
  return viewed;
}

export function onViewed(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Whether the file is what it says it is, and can be shown: see {@link isShowable}. */
export async function canShow({ kind }: Pick<AttachmentView, "kind">, file: Blob): Promise<boolean> {
  return isShowable(kind, new Uint8Array(await file.slice(0, MEDIA_HEAD_BYTES).arrayBuffer()));
}

/** The decrypted file; of media to view once it exists this one time only. @throws {@link ClientError} as the core does. */
export async function readAttachment(client: Client, message: MessageView, attachment: AttachmentView): Promise<Blob> {
  const opened =
    message.viewOnce === undefined
      ? await client.openAttachment(message.conversationId, message.id, attachment.id, undefined)
      : await client.openViewOnce(message.conversationId, message.id, attachment.id, undefined);
  if (!(opened instanceof Blob)) throw new ClientError("attachment-damaged");
  return opened;
}

/** Saves the decrypted file under a harmless name. The browser never opens it by itself. */
export async function saveAttachment(client: Client, message: MessageView, attachment: AttachmentView): Promise<void> {
  const blob = await readAttachment(client, message, attachment);
  const url = URL.createObjectURL(blob.slice(0, blob.size, "application/octet-stream"));
  const anchor = document.createElement("a");
  anchor.href = url;
  anchor.download = safeFileName(attachment.name);
  anchor.click();
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, 60_000);
}
