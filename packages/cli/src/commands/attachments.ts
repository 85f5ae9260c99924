import { resolve } from "node:path";
import type { CommandContext, OptionSpec } from "../arguments/command.ts";
import { ClientError, type AttachmentView, type Client, type MessageView } from "@stonechat/core";
import { waitUntil } from "../client/progress.ts";
import { createDownload, discardDownload } from "../files/download-folder.ts";
import { UsageFailure } from "../failure.ts";
import type { Host } from "../host.ts";
import type { SavedAttachment } from "../output/shapes.ts";

/** A transfer that makes no progress for so long is given up for now. */
const TRANSFER_PATIENCE_MS = 60_000;

/** Where `listen` and `read` put files: the option of both. */
export const DOWNLOADS_OPTION = {
  kind: "text",
  value: "DIR",
  help: "put files there, unencrypted (a profile without a secret has a folder of its own for them)",
} as const satisfies OptionSpec;

/**
 * The folder for files: the one that was asked for, else the profile's own if nothing protects the profile anyway.
 * Undefined: files stay in the vault, because outside of it whoever holds the disk could read them.
 */
export async function downloadFolder(
  { args, host, profile }: CommandContext,
  client: Client,
): Promise<string | undefined> {
  const asked = args.text("downloads");
  if (asked === "") throw new UsageFailure("--downloads needs a folder.");
  if (asked !== undefined) return resolve(host.cwd, asked);
  const view = await client.vault();
  return view === undefined || view.mode === "none" ? profile.paths.downloads : undefined;
}

/**
 * Fetches the files of a message and writes them into `folder`, or leaves them in the vault if there is none. A file that cannot be had is told in the result, by the
 * code of the refusal: one broken file must not stop what else arrives.
 *
 * @returns By attachment id.
 */
export async function saveAttachments(
  client: Client,
  host: Host,
  folder: string | undefined,
  message: MessageView,
): Promise<ReadonlyMap<string, SavedAttachment>> {
  const saved = new Map<string, SavedAttachment>();
  for (const attachment of message.attachments) {
    if (message.viewOnce !== undefined) {
      // Whoever wants it opens it by hand: `view`.
      saved.set(attachment.id, { path: undefined, problem: "view-once" });
      continue;
    }
    try {
      saved.set(attachment.id, { path: await saveAttachment(client, host, folder, message, attachment) });
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      saved.set(attachment.id, { path: undefined, problem: error.code });
    }
  }
  return saved;
}

async function saveAttachment(
  client: Client,
  host: Host,
  folder: string | undefined,
  message: MessageView,
  attachment: AttachmentView,
): Promise<string | undefined> {
  await fetchAttachment(client, host, message, attachment);
  if (folder === undefined) return undefined;
  const file = await createDownload(folder, attachment.name);
  try {
    // Only the path goes to the core, which may live in another process; the empty file holds the place.
    await client.openAttachment(message.conversationId, message.id, attachment.id, file.path);
  } catch (error) {
    await discardDownload(file);
    throw error;
  }
  await file.handle.close();
  return file.path;
}

/** Has the client fetch a file from the relay, and waits for it. @throws ClientError if it cannot be had. */
export async function fetchAttachment(
  client: Client,
  host: Host,
  message: MessageView,
  attachment: AttachmentView,
): Promise<void> {
  if (attachment.transfer.state === "local") return;
  await client.start();
  await client.download(message.conversationId, message.id, attachment.id);
  const isProgress = (event: { readonly type: string }): boolean => event.type === "transfer";
  const arrived = await waitUntil(client, host, { patienceMs: TRANSFER_PATIENCE_MS, isProgress }, async () => {
    const { attachments } = await client.message(message.conversationId, message.id);
    const transfer = attachments.find(({ id }) => id === attachment.id)?.transfer;
    if (transfer?.state === "local") return { done: true };
    if (transfer === undefined) throw new ClientError("attachment-gone");
    if (transfer.state === "failed") throw new ClientError(transferCode(transfer.reason));
    return undefined;
  });
  if (arrived !== true) throw new ClientError("relay-unreachable");
}

function transferCode(
  reason: "gone" | "damaged" | "too-large" | "cancelled",
): "attachment-gone" | "attachment-damaged" | "too-large" | "cancelled" {
  switch (reason) {
    case "gone":
      return "attachment-gone";
    case "damaged":
      return "attachment-damaged";
    case "too-large":
    case "cancelled":
      return reason;
  }
}
