import { sha256 } from "@stonechat/crypto";
import {
  decodeContent,
  messageDetails,
  toHex,
  type EntryId,
  type IdentityKey,
  type TokenHash,
} from "@stonechat/protocol";
import { write, type CoreContext } from "../context.ts";
import { noteSent } from "../conversations/renewal.ts";
import { ownHead, saveGroup } from "../conversations/epoch.ts";
import { conversationByRow, type ConversationRecord, type EpochKeys } from "../conversations/conversation-record.ts";
import { relayTtlSeconds, shortestTimer } from "../expiry/timers.ts";
import type { Transaction } from "../vault/database.ts";
import { sealEntry } from "./envelope.ts";
import { markSent, nextOutgoing, type OutboxRow } from "./outbox.ts";
import { compareWithRelay } from "./put-back.ts";
import { RelayUnavailable } from "./relay-link.ts";
import type { Runner } from "./runner.ts";
import { fetchKeyPackages, stageNext } from "./stage.ts";
import { loadStaged } from "./staged-commit.ts";
import { remember } from "./tail.ts";
import { deliverWelcomes } from "./welcomes.ts";

/** Messages on their way at once: enough to fill a sync of the relay, few enough to be sent again after a commit. */
const WINDOW = 32;
const RETRY_MS = 10_000;

/** What to ask of the relay next, with the tokens of the epoch for which it was made: by then another may have begun. */
type Next =
  | { readonly type: "nothing" }
  | { readonly type: "make-log"; readonly keys: EpochKeys }
  | {
      readonly type: "commit";
      readonly keys: EpochKeys;
      readonly entryId: EntryId;
      readonly body: Uint8Array;
      readonly nextReadHash: TokenHash;
      readonly nextAppendHash: TokenHash;
    }
  | { readonly type: "append"; readonly keys: EpochKeys; readonly items: readonly Outgoing[] };

interface Outgoing {
  readonly entryId: EntryId;
  readonly body: Uint8Array;
  readonly ttlSeconds: number;
}

/**
 * Sends what a conversation has waiting: its log first, then a change of members or settings, then messages, in the order
 * in which they were written. Whatever the relay refuses because the epoch has ended is made anew after the commit that
 * ended it was taken in.
 */
export async function sendWaiting(core: CoreContext, runner: Runner): Promise<void> {
  const { link, subscriptions } = core.relays.at(runner.relayUrl);
  for (;;) {
    if (link.state !== "online" || runner.record.state !== "active") return;
    const { compareSince, logMade } = runner.record;
    try {
      if (compareSince > 0) {
        if ((await compareWithRelay(core, runner)) === "later") retryLater(core, runner);
        return;
      }
      if (logMade && !subscriptions.isCaughtUp(runner.logId)) return;
      await fetchKeyPackages(core, runner);
      const next = await runner.queue.run(() => prepare(core, runner));
      const goOn = await carryOut(core, runner, next);
      await deliverWelcomes(core, runner);
      if (!goOn) return;
    } catch (error) {
      if (error instanceof RelayUnavailable) return;
      throw error;
    }
  }
}

async function prepare(core: CoreContext, runner: Runner): Promise<Next> {
  const result = await write(
    core,
    async (
      tx,
    ): Promise<{ readonly next: Next; readonly snapshot: Awaited<ReturnType<Runner["snapshot"]>> | undefined }> => {
      const record = conversationByRow(tx, runner.row);
      const ended = record?.state !== "active" || toHex(record.groupId) !== toHex(runner.record.groupId);
      if (ended || runner.stopped) return { next: { type: "nothing" }, snapshot: undefined };
      if (!record.logMade) return { next: { type: "make-log", keys: record.keys }, snapshot: undefined };
      const current = await runner.snapshot(tx);
      await stageNext(core, tx, runner.row, current);
      const staged = loadStaged(tx, runner.row);
      if (staged !== undefined) {
        const { body, nextReadHash, nextAppendHash } = staged.staged;
        // Written by us with the brand's length.
        return {
          next: {
            type: "commit",
            keys: current.record.keys,
            entryId: staged.entryId as EntryId,
            body,
            nextReadHash,
            nextAppendHash,
          },
          snapshot: undefined,
        };
      }
      // In a conversation of two nobody is there yet to read: what was written waits for the other.
      const alone = current.group.members().every(({ identityKey }) => isOwn(core, identityKey));
      if (record.kind === "direct" && alone) return { next: { type: "nothing" }, snapshot: undefined };
      return encryptWaiting(core, tx, current);
    },
  );
  if (result.snapshot !== undefined) runner.adopt(result.snapshot);
  return result.next;
}

function isOwn(core: CoreContext, key: IdentityKey): boolean {
  return toHex(key) === toHex(core.account().identityKey);
}

/** One generation for each message, stored with its ciphertext before any byte leaves: no key and nonce is ever used twice. */
async function encryptWaiting(
  core: CoreContext,
  tx: Transaction,
  current: Awaited<ReturnType<Runner["snapshot"]>>,
): Promise<{ readonly next: Next; readonly snapshot: typeof current | undefined }> {
  const rows = nextOutgoing(tx, current.record.id, WINDOW);
  if (rows.length === 0) return { next: { type: "nothing" }, snapshot: undefined };
  const details = messageDetails.encode({
    senderHead: ownHead(tx, current.record.id, core.account().identityKey),
    stateHash: current.record.stateHash,
  });
  let { group } = current;
  let fresh = 0;
  const items: Outgoing[] = [];
  for (const row of rows) {
    let { body } = row;
    const timerSeconds = timerOf(tx, current.record, row);
    if (body === undefined) {
      fresh += 1;
      const { message, step } = await group.encrypt(row.content, details);
      saveGroup(tx, current.record.id, step.changes);
      ({ group } = step);
      body = sealEntry(current.record.keys.entryKey, current.record.logId, "message", message, core.random);
      tx.run("UPDATE outbox SET body = ? WHERE id = ?", body, row.id);
      if (row.message !== undefined)
        tx.run(
          "UPDATE messages SET roster = ?, timer_seconds = ? WHERE id = ?",
          current.record.roster,
          timerSeconds,
          row.message,
        );
    }
    items.push({ entryId: row.entry_id as EntryId, body, ttlSeconds: relayTtlSeconds(timerSeconds) });
  }
  noteSent(core, tx, current.record.id, fresh);
  return { next: { type: "append", keys: current.record.keys, items }, snapshot: { ...current, group } };
}

/**
 * The timer by which all members let this go: that of the message, or of the message it changes, and the epoch's. What
 * holds no words, and what the group itself needs, has none.
 */
function timerOf(tx: Transaction, record: ConversationRecord, { content, target }: OutboxRow): number {
  if (content.length === 0) return 1; // what it changed has disappeared
  const { body } = decodeContent(content);
  if (body.type !== "message" && target === undefined) return 0;
  const own = body.type === "message" ? body.timerSeconds : 0;
  const changed =
    target === undefined
      ? undefined
      : tx.get<{ timer_seconds: number }>(
          "SELECT timer_seconds FROM messages WHERE message_id = ? AND conversation = ?",
          target,
          record.id,
        );
  return shortestTimer(own, changed?.timer_seconds, record.settings.timerSeconds);
}

/** @returns Whether there may be more to do at once. */
async function carryOut(core: CoreContext, runner: Runner, next: Next): Promise<boolean> {
  const { link } = core.relays.at(runner.relayUrl);
  const { logId } = runner;
  switch (next.type) {
    case "nothing":
      return false;
    case "make-log": {
      const { keys } = next;
      const hashes = {
        readHash: sha256(keys.readToken) as TokenHash,
        appendHash: sha256(keys.appendToken) as TokenHash,
      };
      const reply = await link.request(
        { type: "create", logId, ...hashes, ownerHash: undefined, admission: core.account().admission },
        "done",
      );
      // The id is random: if it exists, an earlier try of ours made it.
      if (reply.type === "error" && reply.code !== "exists") return retryLater(core, runner);
      await runner.queue.run(async () => {
        const record = await write(core, (tx) => {
          tx.run("UPDATE conversations SET log_made = 1 WHERE id = ? AND log_id = ?", runner.row, logId);
          return conversationByRow(tx, runner.row);
        });
        // Not before it is stored: a full disk would leave a conversation that believes to be followed.
        if (record !== undefined) runner.refresh(record);
      });
      runner.follow();
      return true;
    }
    case "commit": {
      const { keys, entryId, body, nextReadHash, nextAppendHash } = next;
      const reply = await link.request(
        { type: "commit", logId, appendToken: keys.appendToken, entryId, body, nextReadHash, nextAppendHash },
        "appended",
      );
      // Accepted: it is merged when it comes back in its place. Stale: the winner is on its way, and until it has come
      // ours stays: another one made in this epoch would be encrypted under the same key and nonce.
      if (reply.type === "error" && reply.code !== "stale-epoch") return retryLater(core, runner);
      return false;
    }
    case "append":
      return append(core, runner, next.keys, next.items);
  }
}

async function append(
  core: CoreContext,
  runner: Runner,
  keys: EpochKeys,
  items: readonly Outgoing[],
): Promise<boolean> {
  const { link } = core.relays.at(runner.relayUrl);
  const { logId } = runner;
  const replies = await Promise.allSettled(
    items.map(({ entryId, body, ttlSeconds }) =>
      link.request({ type: "append", logId, appendToken: keys.appendToken, entryId, ttlSeconds, body }, "appended"),
    ),
  );
  let refused: string | undefined;
  let lost: unknown;
  await runner.queue.run(() =>
    write(core, (tx, afterwards) => {
      for (const [i, settled] of replies.entries()) {
        const item = items[i];
        if (item === undefined) continue;
        if (settled.status === "rejected") lost = settled.reason;
        else if (settled.value.type === "appended") {
          const { seq } = settled.value;
          if (!markSent({ core, tx, afterwards }, runner.row, item.entryId, seq)) continue;
          const expiresAt = core.clock.now() + item.ttlSeconds * 1000;
          remember(tx, runner.row, keys, { ...item, seq, expiresAt });
        } else if (settled.value.code === "too-large") fail(tx, runner, item.entryId, afterwards.emit);
        else refused = settled.value.code;
      }
    }),
  );
  if (lost !== undefined) throw lost as Error;
  // After a stale epoch nothing is to be sent until the commit has come; it wakes the runner.
  if (refused === "stale-epoch") return false;
  return refused === undefined ? true : retryLater(core, runner);
}

function fail(tx: Transaction, runner: Runner, entryId: EntryId, emit: CoreContext["emit"]): void {
  const row = tx.get<{ id: number; message: number | undefined; content: Uint8Array }>(
    "SELECT id, message, content FROM outbox WHERE conversation = ? AND entry_id = ?",
    runner.row,
    entryId,
  );
  if (row === undefined) return;
  tx.run("DELETE FROM outbox WHERE id = ?", row.id);
  if (row.message !== undefined) tx.run("UPDATE messages SET state = 'failed' WHERE id = ?", row.message);
  if (row.content.length === 0) return;
  emit({
    type: "messages-changed",
    conversationId: toHex(runner.record.groupId),
    messageIds: [toHex(decodeContent(row.content).messageId)],
  });
}

function retryLater(core: CoreContext, runner: Runner): false {
  core.clock.setTimer(RETRY_MS, () => {
    runner.wake();
  });
  return false;
}
