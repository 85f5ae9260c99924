import { toHex, type Attachment, type BlobId, type Token } from "@stonechat/protocol";
import { ClientError, type AttachmentInput } from "../client-api.ts";
import { write, type CoreContext, type Transfers } from "../context.ts";
import {
  attachmentRows,
  decodeAttachment,
  toMessageId,
  type AttachmentRow,
  type MessageRow,
} from "../content/message-rows.ts";
import { toAttachmentView } from "../content/views.ts";
import { conversationByRow } from "../conversations/conversation-record.ts";
import { relayTtlSeconds, shortestTimer } from "../expiry/timers.ts";
import type { BlockFile } from "../ports/block-file.ts";
import { AttachmentError } from "./attachment-error.ts";
import { Cancellation } from "./cancellation.ts";
import { downloadBlob } from "./download-blob.ts";
import { openFile } from "./open-file.ts";
import { sealFile } from "./seal-file.ts";
import { SharedFiles } from "./shared-files.ts";
import { isStagedName, stagedName } from "./staged-file.ts";
import { uploadBlob } from "./upload-blob.ts";

const PROGRESS_EVERY_MS = 200;
const MAX_UPLOADS = 2;

interface Running {
  readonly cancellation: Cancellation;
  readonly direction: "uploading" | "downloading";
  readonly finished: Promise<void>;
  done: number;
  total: number;
}

/** A sealed file and the right to upload it. */
export interface StagedAttachment {
  readonly attachment: Attachment;
  readonly writeToken: Token;
}

/**
 * Moves attachments. Their ciphertext is what lies on this device, before it is sent and after it came; it is decrypted
 * only into what the user opens. Uploads are found again in the database after a crash, and go on where the relay stands.
 */
export class AttachmentTransfers implements Transfers {
  readonly #core: CoreContext;
  readonly #running = new Map<string, Running>();
  readonly #files: SharedFiles;
  #stopped = false;

  constructor(core: CoreContext) {
    this.#core = core;
    this.#files = new SharedFiles(core.files);
  }

  progress(
    blobId: string,
  ): { readonly state: "uploading" | "downloading"; readonly done: number; readonly total: number } | undefined {
    const running = this.#running.get(blobId);
    return running === undefined ? undefined : { state: running.direction, done: running.done, total: running.total };
  }

  get idle(): boolean {
    return [...this.#running.values()].every(({ direction }) => direction !== "uploading");
  }

  /** Seals a chosen file into this device's storage. The message that names it may then be written. @throws ClientError */
  async stage(input: AttachmentInput, relayUrl: string): Promise<StagedAttachment> {
    const core = this.#core;
    const blobId = core.random.bytes(32) as BlobId;
    const secrets = { key: core.random.bytes(32), prefix: core.random.bytes(7) };
    const source = await core.filePort.openSource(input.file);
    const staged = await this.#openFile(blobId);
    try {
      const sealed = await sealFile(source, staged, secrets, new Cancellation(core.gate), () => undefined);
      const attachment: Attachment = {
        name: input.name,
        mediaType: input.mediaType,
        kind: input.kind,
        width: input.width ?? 0,
        height: input.height ?? 0,
        thumbnail: input.thumbnail ?? new Uint8Array(0),
        blob: { relayUrl, blobId, ...secrets, ...sealed },
      };
      staged.close();
      return { attachment, writeToken: core.random.bytes(32) as Token };
    } catch (error) {
      staged.close();
      await this.#deleteFile(blobId);
      throw toClientError(error);
    } finally {
      await source.close();
    }
  }

  /** Starts the uploads that wait. */
  async resume(): Promise<void> {
    const waiting = await this.#core.db.transaction((tx) =>
      tx.all<AttachmentRow>("SELECT * FROM attachments WHERE state = 'staged' ORDER BY id"),
    );
    for (const row of waiting) {
      if (this.#uploads >= MAX_UPLOADS) return;
      if (!this.#running.has(toHex(row.blob_id))) this.#start(row, "uploading");
    }
  }

  /** Fetches an attachment; resolves when it is here. @throws ClientError */
  async download(row: AttachmentRow): Promise<void> {
    if (row.state === "local") return;
    const running = this.#running.get(toHex(row.blob_id)) ?? this.#start(row, "downloading");
    await running.finished;
    const now = await this.#core.db.transaction((tx) =>
      tx.get<AttachmentRow>("SELECT * FROM attachments WHERE id = ?", row.id),
    );
    if (now?.state === "local") return;
    if (now?.state === "failed")
      throw new ClientError(now.reason === "gone" ? "attachment-gone" : "attachment-damaged");
    throw new ClientError("cancelled");
  }

  cancel(blobId: string): void {
    this.#running.get(blobId)?.cancellation.cancel();
  }

  /** Decrypts a local attachment into what the host understands by `target`. @throws ClientError */
  async open(row: AttachmentRow, target: unknown): Promise<unknown> {
    const { name, mediaType, blob } = decodeAttachment(row);
    const staged = await this.#openFile(blob.blobId);
    try {
      const sink = await this.#core.filePort.openSink(target, { name, type: mediaType, size: blob.size });
      return await openFile(staged, blob, sink, new Cancellation(), () => undefined);
    } catch (error) {
      throw toClientError(error);
    } finally {
      staged.close();
      await this.#deleteUnknown(row, blob.blobId);
    }
  }

  async drop(blobIds: readonly Uint8Array[]): Promise<void> {
    for (const blobId of blobIds) {
      const running = this.#running.get(toHex(blobId));
      running?.cancellation.cancel();
      await running?.finished;
      // Whoever reads it deletes it afterwards.
      // The bytes are an id because they come from a row that has held one.
      if (!this.#files.isInUse(stagedName(blobId as BlobId))) await this.#deleteFile(blobId as BlobId);
    }
  }

  /** Makes it if it is not there, and is therefore kept from it while nobody may write. */
  async #openFile(blobId: BlobId): Promise<BlockFile> {
    while (this.#core.gate.held) await this.#core.gate.released();
    return this.#files.open(stagedName(blobId));
  }

  async #deleteFile(blobId: BlobId): Promise<void> {
    while (this.#core.gate.held) await this.#core.gate.released();
    await this.#core.files.delete(stagedName(blobId));
  }

  /** Deletes ciphertexts that no message names any more, left by a crash. */
  async sweep(): Promise<void> {
    const known = await this.#core.db.transaction(
      (tx) =>
        new Set(
          tx
            .all<{ blob_id: Uint8Array }>("SELECT blob_id FROM attachments")
            .map(({ blob_id }) => stagedName(blob_id as BlobId)),
        ),
    );
    for (const name of await this.#core.files.list()) {
      if (isStagedName(name) && !known.has(name)) await this.#core.files.delete(name);
    }
  }

  async stop(): Promise<void> {
    const running = [...this.#running.values()];
    this.#stopped = true;
    for (const { cancellation } of running) cancellation.cancel();
    await Promise.all(running.map(({ finished }) => finished));
  }

  get #uploads(): number {
    return [...this.#running.values()].filter(({ direction }) => direction === "uploading").length;
  }

  #start(row: AttachmentRow, direction: Running["direction"]): Running {
    const id = toHex(row.blob_id);
    const cancellation = new Cancellation(this.#core.gate);
    const total = decodeAttachment(row).blob.storedSize;
    const running: Running = {
      cancellation,
      direction,
      done: 0,
      total,
      finished: this.#move(row, direction, cancellation).finally(() => {
        this.#running.delete(id);
        this.#tell(row).catch(this.#core.report);
        this.#core.progress.wake();
        if (!this.#stopped) this.resume().catch(this.#core.report);
      }),
    };
    this.#running.set(id, running);
    return running;
  }

  async #move(row: AttachmentRow, direction: Running["direction"], cancellation: Cancellation): Promise<void> {
    const core = this.#core;
    const { blob } = decodeAttachment(row);
    const ports = { transport: core.blobs, clock: core.clock, random: core.random };
    let told = 0;
    const onProgress = (done: number): void => {
      const running = this.#running.get(toHex(row.blob_id));
      if (running !== undefined) running.done = done;
      const now = core.clock.now();
      if (now - told < PROGRESS_EVERY_MS) return;
      told = now;
      this.#tell(row).catch(core.report);
    };
    let file: BlockFile | undefined;
    try {
      file = await this.#openFile(blob.blobId);
      if (direction === "uploading") {
        const writeToken = (row.write_token ?? new Uint8Array(32)) as Token;
        const upload = {
          relayUrl: blob.relayUrl,
          blobId: blob.blobId,
          writeToken,
          ttlSeconds: await this.#ttlSeconds(row),
          admission: core.account().admission,
        };
        await uploadBlob(ports, upload, file, cancellation, onProgress);
        await this.#uploaded(row);
      } else {
        // A sender's file lies where the conversation does. Asking anywhere else would tell that place where we are.
        if (!(await this.#liesAtItsRelay(row, blob.relayUrl))) throw new AttachmentError("gone");
        await downloadBlob(ports, blob, file, cancellation, onProgress);
        await write(core, (tx) => {
          tx.run("UPDATE attachments SET state = 'local', reason = NULL WHERE id = ?", row.id);
        });
      }
    } catch (error) {
      if (!(error instanceof AttachmentError)) {
        core.report(error);
        return;
      }
      if (!this.#stopped) await this.#failed(row, direction, error);
    } finally {
      file?.close();
    }
    await this.#deleteUnknown(row, blob.blobId).catch(core.report);
  }

  /** Its message may have disappeared since; then nothing refers to the file any more. */
  async #deleteUnknown(row: AttachmentRow, blobId: BlobId): Promise<void> {
    const known = await this.#core.db.transaction((tx) =>
      tx.get("SELECT 1 AS one FROM attachments WHERE id = ?", row.id),
    );
    if (known === undefined && !this.#files.isInUse(stagedName(blobId))) await this.#deleteFile(blobId);
  }

  /** As long as the entry of its message lies there. */
  async #ttlSeconds(row: AttachmentRow): Promise<number> {
    return this.#core.db.transaction((tx) => {
      const message = tx.get<{ conversation: number; timer_seconds: number }>(
        "SELECT conversation, timer_seconds FROM messages WHERE id = ?",
        row.message,
      );
      const record = message === undefined ? undefined : conversationByRow(tx, message.conversation);
      return relayTtlSeconds(shortestTimer(message?.timer_seconds, record?.settings.timerSeconds));
    });
  }

  async #liesAtItsRelay(row: AttachmentRow, relayUrl: string): Promise<boolean> {
    const place = await this.#core.db.transaction((tx) =>
      tx.get<{ relay_url: string }>(
        "SELECT c.relay_url AS relay_url FROM messages m JOIN conversations c ON c.id = m.conversation WHERE m.id = ?",
        row.message,
      ),
    );
    return place?.relay_url === relayUrl;
  }

  async #uploaded(row: AttachmentRow): Promise<void> {
    await write(this.#core, (tx, afterwards) => {
      tx.run("UPDATE attachments SET state = 'local' WHERE id = ?", row.id);
      tx.run("UPDATE outbox SET uploads = max(0, uploads - 1) WHERE message = ?", row.message);
      const message = tx.get<{ conversation: number }>("SELECT conversation FROM messages WHERE id = ?", row.message);
      if (message !== undefined)
        afterwards.run(() => {
          this.#core.wakeConversation(message.conversation);
        });
    });
  }

  /** A download can be tried again. Without all its files a message cannot be sent: it is marked, and nothing waits for it. */
  async #failed(row: AttachmentRow, direction: Running["direction"], error: AttachmentError): Promise<void> {
    const reason =
      error.code === "gone" || error.code === "damaged" || error.code === "too-large" || error.code === "cancelled"
        ? error.code
        : "too-large";
    await write(this.#core, (tx, afterwards) => {
      if (direction === "downloading") {
        if (reason === "cancelled") return;
        tx.run("UPDATE attachments SET state = 'failed', reason = ? WHERE id = ?", reason, row.id);
        return;
      }
      tx.run("UPDATE attachments SET state = 'failed', reason = ? WHERE message = ?", reason, row.message);
      tx.run("DELETE FROM outbox WHERE message = ?", row.message);
      tx.run("UPDATE messages SET state = 'failed' WHERE id = ?", row.message);
      const message = tx.get<{ conversation: number }>("SELECT conversation FROM messages WHERE id = ?", row.message);
      if (message !== undefined)
        afterwards.run(() => {
          this.#core.wakeConversation(message.conversation);
        });
    });
  }

  async #tell(row: AttachmentRow): Promise<void> {
    const told = await this.#core.db.transaction((tx) => {
      const message = tx.get<MessageRow>("SELECT * FROM messages WHERE id = ?", row.message);
      const conversation =
        message === undefined
          ? undefined
          : tx.get<{ group_id: Uint8Array }>("SELECT group_id FROM conversations WHERE id = ?", message.conversation);
      const attachment = attachmentRows(tx, row.message).find(({ id }) => id === row.id);
      if (message === undefined || conversation === undefined || attachment === undefined) return undefined;
      return {
        conversationId: toHex(conversation.group_id),
        messageId: toHex(toMessageId(message)),
        attachment: toAttachmentView({ transfer: (id) => this.progress(id) }, attachment),
      };
    });
    if (told !== undefined) this.#core.emit({ type: "transfer", ...told });
  }
}

function toClientError(error: unknown): unknown {
  if (!(error instanceof AttachmentError)) return error;
  switch (error.code) {
    case "gone":
      return new ClientError("attachment-gone", { cause: error });
    case "cancelled":
      return new ClientError("cancelled", { cause: error });
    case "too-large":
    case "relay-full":
      return new ClientError("too-large", { cause: error });
    case "not-admitted":
      return new ClientError("not-admitted", { cause: error });
    case "damaged":
    case "source-changed":
      return new ClientError("attachment-damaged", { cause: error });
  }
}
