import { hpkeSeal, KeyError, labelled } from "@stonechat/crypto";
import { groupWelcome, joinState, toHex, type GroupWelcome } from "@stonechat/protocol";
import { write, type CoreContext } from "../context.ts";
import { heldChain, identityRow, nameOf } from "../identity/identity-store.ts";
import { listInConversation } from "../conversations/epoch.ts";
import { uploadSecret } from "../attachments/secret-blobs.ts";
import { sealReturn } from "../recovery/sealed-return.ts";
import { enqueue } from "./outbox.ts";
import type { Receiving } from "./receiving.ts";
import type { Runner, Snapshot } from "./runner.ts";
import { welcomeDue, type StagedCommit, type WelcomeDue } from "./staged-commit.ts";

const INLINE_BYTES = 32_000;
const REPLY_TTL_SECONDS = 30 * 86_400;
const NO_DATA = new Uint8Array(0);

/** After our own commit: notes, in the same transaction, whom it added and what they need to come in. */
export function queueWelcomes(
  receiving: Receiving,
  { record, group }: Snapshot,
  staged: StagedCommit,
  firstSeq: number,
): void {
  if (staged.welcomes.length === 0) return;
  const { tx, runner, afterwards } = receiving;
  const keys = [...new Map(group.members().map(({ identityKey }) => [toHex(identityKey), identityKey])).values()];
  const state = joinState.encode({
    tree: staged.tree,
    deviceLists: keys.flatMap((key) => {
      const newest = listInConversation(tx, runner.row, key)?.list.seq ?? 0;
      return heldChain(tx, identityRow(tx, key)).slice(0, newest + 1);
    }),
    names: keys.map((identityKey) => ({ identityKey, name: nameOf(tx, identityRow(tx, identityKey)) })),
    settings: record.settings,
  });
  for (const { identityKey, via, welcomes } of staged.welcomes) {
    const due: WelcomeDue = { identityKey, via, welcomes, joinState: state, firstSeq, sealed: undefined };
    tx.run("INSERT INTO welcomes_due (conversation, data) VALUES (?, ?)", runner.row, welcomeDue.encode(due));
  }
  afterwards.run(() => {
    runner.wake();
  });
}

/** Hands the Welcomes that are due to the conversations of two, or to the reply logs of join requests and the return logs of contacts. */
export async function deliverWelcomes(core: CoreContext, runner: Runner): Promise<void> {
  for (;;) {
    const row = await core.db.transaction((tx) =>
      tx.get<{ id: number; data: Uint8Array }>(
        "SELECT id, data FROM welcomes_due WHERE conversation = ? ORDER BY id LIMIT 1",
        runner.row,
      ),
    );
    if (row === undefined) return;
    const due = welcomeDue.decode(row.data);
    const welcome = await toGroupWelcome(core, runner, due);
    await write(core, (tx, afterwards) => {
      if (tx.run("DELETE FROM welcomes_due WHERE id = ?", row.id) === 0) return;
      if (due.via.type !== "direct") {
        const { relayUrl, logId, appendToken } = due.via;
        const body =
          due.via.type === "reply"
            ? sealAnswer(core, due.via.kemKey, logId, welcome)
            : sealReturn({ type: "welcome", welcome }, due.via.secret, logId, core.random);
        if (body === undefined) return;
        tx.run(
          "INSERT INTO deliveries (relay_url, log_id, append_token, entry_id, ttl_seconds, body) VALUES (?, ?, ?, ?, ?, ?)",
          relayUrl,
          logId,
          appendToken,
          core.random.bytes(16),
          REPLY_TTL_SECONDS,
          body,
        );
        afterwards.run(() => {
          core.wakeContacts();
        });
        return;
      }
      const contact = tx.get<{ conversation: number }>(
        "SELECT conversation FROM contacts WHERE identity = ?",
        identityRow(tx, due.identityKey),
      );
      if (contact === undefined) return;
      enqueue(tx, core.random, contact.conversation, {
        sentAt: core.clock.now(),
        body: { type: "group-welcome", welcome },
      });
      afterwards.run(() => {
        core.wakeConversation(contact.conversation);
      });
    });
  }
}

/** Undefined if the key that the invitee gave is none: then there is nobody to answer. */
function sealAnswer(
  core: CoreContext,
  kemKey: Uint8Array,
  logId: Uint8Array,
  welcome: GroupWelcome,
): Uint8Array | undefined {
  try {
    return hpkeSeal(kemKey, labelled("join answer", logId), NO_DATA, groupWelcome.encode(welcome), core.random);
  } catch (error) {
    if (error instanceof KeyError) return undefined;
    throw error;
  }
}

async function toGroupWelcome(core: CoreContext, runner: Runner, due: WelcomeDue): Promise<GroupWelcome> {
  const { groupId, relayUrl, logId } = runner.record;
  const state: GroupWelcome["state"] =
    due.joinState.length <= INLINE_BYTES
      ? { type: "inline", joinState: due.joinState }
      : { type: "blob", blob: await uploadSecret(core, relayUrl, due.joinState) };
  return { groupId, address: { relayUrl, logId }, firstSeq: due.firstSeq, welcomes: due.welcomes, state };
}
