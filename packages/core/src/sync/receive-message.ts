import { decodeContent, messageDetails, toHex, WireError, type Content, type Entry } from "@stonechat/protocol";
import { applyContent } from "../content/apply-content.ts";
import { insertMessage, placeOf } from "../content/message-rows.ts";
import { listInConversation, saveGroup } from "../conversations/epoch.ts";
import { identityRow } from "../identity/identity-store.ts";
import type { Received } from "../mls/contract.ts";
import { addNotice, type Receiving } from "./receiving.ts";
import type { Snapshot } from "./runner.ts";

/** Takes in a message of another device: its ratchet, its content, and whether its sender sees what we see. */
export async function applyMessage(
  receiving: Receiving,
  snapshot: Snapshot,
  entry: Entry,
  received: Extract<Received, { readonly type: "application" }>,
): Promise<Snapshot> {
  const { tx, runner, core } = receiving;
  const next = { ...snapshot, group: received.step.group };
  saveGroup(tx, runner.row, received.step.changes);
  if (received.missed > 0 && entry.seq === snapshot.record.nextSeq) {
    // The log had no gap, yet the sender's count has: the relay left something out, or the sender's device failed.
    addNotice(receiving, placeOf(snapshot.record, entry.seq) + 6, {
      type: "missing",
      count: received.missed,
      reason: "gap",
    });
  }
  checkView(receiving, snapshot, entry, received);
  const sender = identityRow(tx, received.sender.identityKey);
  let content: Content;
  try {
    content = decodeContent(received.plaintext);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    addNotice(receiving, placeOf(snapshot.record, entry.seq), { type: "missing", count: 1, reason: "unreadable" });
    return next;
  }
  if (content.body.type === "unsupported") {
    insertMessage(tx, {
      conversation: runner.row,
      ord: placeOf(snapshot.record, entry.seq),
      sender,
      receivedAt: core.clock.now(),
      state: "received",
      roster: snapshot.record.roster,
      content,
      timerSeconds: snapshot.record.settings.timerSeconds,
    });
    return next;
  }
  await applyContent(receiving, snapshot.record, {
    sender,
    device: received.sender,
    content,
    ord: placeOf(snapshot.record, entry.seq),
    own: false,
  });
  return next;
}

/** The sender's own list and its view of the epoch must be ours. A difference is told, never silent. */
function checkView(
  receiving: Receiving,
  { record }: Snapshot,
  entry: Entry,
  received: Extract<Received, { readonly type: "application" }>,
): void {
  const alarm = (): void => {
    addNotice(receiving, placeOf(record, entry.seq) + 7 - 2, { type: "alarm", alarm: "list-mismatch" });
    receiving.afterwards.emit({
      type: "alarm",
      alarm: "list-mismatch",
      conversationId: toHex(record.groupId),
      accountId: toHex(received.sender.identityKey),
    });
  };
  try {
    const { senderHead, stateHash } = messageDetails.decode(received.authenticatedData);
    const held = listInConversation(receiving.tx, receiving.runner.row, received.sender.identityKey);
    if (held === undefined || toHex(held.head) !== toHex(senderHead) || toHex(stateHash) !== toHex(record.stateHash))
      alarm();
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    alarm();
  }
}
