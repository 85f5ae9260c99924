import type { Command } from "../arguments/command.ts";
import { selectConversation, selectMessage } from "../client/select.ts";
import { createDownload, discardDownload } from "../files/download-folder.ts";
import { EXIT, refuse, UsageFailure } from "../failure.ts";
import { downloadFolder, DOWNLOADS_OPTION, fetchAttachment } from "./attachments.ts";

/** `stonechat view`: opens a view-once file, which then is gone from the profile. */
export const view: Command = {
  name: "view",
  summary: "Open a view-once file, once",
  positionals: ["CONVERSATION", "MESSAGE"],
  options: { downloads: DOWNLOADS_OPTION },
  notes: ["The file that it writes is yours to delete: nothing else does."],
  async run(context) {
    const { args, host, out, profile } = context;
    const client = await profile.open();
    const conversation = await selectConversation(client, args.positional(0));
    const message = await selectMessage(client, conversation, args.positional(1));
    const [attachment] = message.attachments;
    if (message.viewOnce === undefined) throw refuse("That message is not view-once. `read --download` fetches files.");
    if (message.viewOnce === "opened" || attachment === undefined) throw refuse("It cannot be opened here any more.");
    if (message.fromSelf) throw refuse("Only who it was sent to can open it.");
    const folder = await downloadFolder(context, client);
    if (folder === undefined) throw new UsageFailure("Say where to put the file: --downloads DIR.");
    await fetchAttachment(client, host, message, attachment);
    const file = await createDownload(folder, attachment.name);
    try {
      await client.openViewOnce(conversation.id, message.id, attachment.id, file.path);
    } catch (error) {
      await discardDownload(file);
      throw error;
    }
    await file.handle.close();
    const done = { type: "done", command: "view", conversation: conversation.id, id: message.id, path: file.path };
    await out.result(done, () => [file.path]);
    return EXIT.done;
  },
};
