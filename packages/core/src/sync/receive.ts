import { sha256 } from "@stonechat/crypto";
import { toHex, WireError, type Entry, type IdentityKey } from "@stonechat/protocol";
import { write, type CoreContext } from "../context.ts";
import { placeOf } from "../content/message-rows.ts";
import { conversationByRow } from "../conversations/conversation-record.ts";
import { groupVersion } from "../conversations/epoch.ts";
import { toDeviceKeys } from "../identity/account.ts";
import { MlsError } from "../mls/contract.ts";
import { openEntry } from "./envelope.ts";
import { markSent } from "./outbox.ts";
import { applyCommit, type ArrivedCommit } from "./receive-commit.ts";
import { applyMessage } from "./receive-message.ts";
import { addNotice, breakConversation, type Receiving } from "./receiving.ts";
import type { Runner, Snapshot } from "./runner.ts";
import { loadStaged } from "./staged-commit.ts";
import { isRemembered, pruneTail, remember } from "./tail.ts";
import type { Span } from "./subscriptions.ts";

/** Entries taken in by one transaction: enough to share a sync, few enough to keep others waiting only shortly. */
const BATCH = 64;

/**
 * Takes in entries of a conversation's log, in their order. New ratchet state, decrypted content, cursor, search row and
 * what is to be sent because of it are one transaction: a crash at any point loses nothing and shows nothing twice.
 */
export async function receiveEntries(
  core: CoreContext,
  runner: Runner,
  entries: readonly Entry[],
  { from, next }: Span,
): Promise<void> {
  for (let at = 0; at === 0 || at < entries.length; at += BATCH) {
    const batch = entries.slice(at, at + BATCH);
    const last = at + BATCH >= entries.length;
    const snapshot = await write(core, async (tx, afterwards) => {
      let current = await runner.snapshot(tx);
      const receiving = { core, tx, afterwards, runner };
      const before = current.record.nextSeq;
      // What came before could not be stored and will be asked for again: this is no gap, and must not be taken for one.
      // And what comes while the log has to be compared was read before that was known.
      if (from > before || current.record.compareSince > 0) return current;
      for (const entry of batch) {
        if (current.record.state !== "active") break;
        current = await receiveEntry(receiving, current, entry);
      }
      if (last && current.record.state === "active") current = passExpired(receiving, current, next);
      if (current.record.nextSeq !== before) {
        tx.run("UPDATE conversations SET next_seq = ? WHERE id = ?", current.record.nextSeq, runner.row);
        pruneTail(tx, runner.row, core.clock.now());
      }
      return { ...current, record: { ...(conversationByRow(tx, runner.row) ?? current.record) } };
    });
    runner.adopt(snapshot);
  }
}

/** The relay holds nothing more before `seq`: what this device did not take in there has expired, and that is said. */
function passExpired(receiving: Receiving, snapshot: Snapshot, seq: number): Snapshot {
  const { record } = snapshot;
  if (seq <= record.nextSeq) return snapshot;
  // What expired below was there when it was read the first time.
  const count = Math.min(seq - Math.max(record.nextSeq, record.rereadUntil), 0xffff_ffff);
  if (count > 0) addNotice(receiving, placeOf(record, seq) - 1, { type: "missing", count, reason: "expired" });
  return { ...snapshot, record: { ...snapshot.record, nextSeq: seq } };
}

async function receiveEntry(receiving: Receiving, snapshot: Snapshot, entry: Entry): Promise<Snapshot> {
  const { tx, runner } = receiving;
  if (entry.seq < snapshot.record.nextSeq) return snapshot;
  passExpired(receiving, snapshot, entry.seq);
  const pass = (next: Snapshot): Snapshot => ({ ...next, record: { ...next.record, nextSeq: entry.seq + 1 } });
  // It was taken in before, and lies here since the relay was put back.
  if (isRemembered(tx, runner.row, entry.entryId, entry.seq)) return pass(snapshot);
  const next = await takeIn(receiving, snapshot, entry);
  if (next.record.state === "active")
    remember(tx, runner.row, snapshot.record.keys, entry, entry.kind === "commit" ? next.record.keys : undefined);
  return pass(next);
}

async function takeIn(receiving: Receiving, snapshot: Snapshot, entry: Entry): Promise<Snapshot> {
  const { tx, runner } = receiving;

  const staged = entry.kind === "commit" ? loadStaged(tx, runner.row) : undefined;
  if (staged !== undefined && toHex(staged.entryId) === toHex(entry.entryId)) {
    // Changed on its way, it is one that all others refuse; merged, it would lead only this device astray.
    if (toHex(sha256(staged.staged.body)) !== toHex(sha256(entry.body))) return unreadable(receiving, snapshot, entry);
    return mergeOwnCommit(receiving, snapshot, entry);
  }
  if (entry.kind === "message" && markSent(receiving, runner.row, entry.entryId, entry.seq)) return snapshot;

  const message = openEntry(snapshot.record.keys.entryKey, snapshot.record.logId, entry.kind, entry.body);
  if (message === undefined) return unreadable(receiving, snapshot, entry);
  try {
    const received = await snapshot.group.receive(message);
    if (received.type === "application") {
      if (entry.kind !== "message") return unreadable(receiving, snapshot, entry);
      return await applyMessage(receiving, snapshot, entry, received);
    }
    if (entry.kind !== "commit") return unreadable(receiving, snapshot, entry);
    return await applyCommit(receiving, snapshot, entry, received);
  } catch (error) {
    // Ours, sent by way of another entry. A commit that is not the staged one was made by somebody else in our name.
    if (error instanceof MlsError && error.code === "own-message" && entry.kind === "message") return snapshot;
    if (!(error instanceof MlsError || error instanceof WireError)) throw error;
    // Taken in long ago, before what is still remembered.
    if (error instanceof MlsError && error.code === "replayed" && entry.seq < snapshot.record.rereadUntil)
      return snapshot;
    return unreadable(receiving, snapshot, entry, error instanceof MlsError ? makerOf(receiving, error) : undefined);
  }
}

/** Who made a commit that all must refuse. Not so if this device's clock alone may find it bad, or if it is its own. */
function makerOf({ core }: Receiving, { code, signer }: MlsError): IdentityKey | undefined {
  if (signer === undefined || code === "bad-lifetime") return undefined;
  return toHex(signer.identityKey) === toHex(core.account().identityKey) ? undefined : signer.identityKey;
}

/** Our own commit came back through the log: it won, and everything before it was taken in. */
async function mergeOwnCommit(receiving: Receiving, snapshot: Snapshot, entry: Entry): Promise<Snapshot> {
  const { core, tx, runner } = receiving;
  const found = loadStaged(tx, runner.row);
  if (found === undefined) throw new RangeError("no commit is staged");
  const { staged } = found;
  // Messages that came since have moved the old epoch's state on; the new epoch follows them all.
  const version = Math.max(staged.groupVersion, groupVersion(tx, runner.row) + 1);
  const changes = { version, epoch: staged.epoch, ratchets: staged.ratchets };
  const group = await core.mls.load(changes, toDeviceKeys(core.account()));
  const commit: ArrivedCommit = {
    committer: snapshot.group.own,
    added: staged.added,
    removed: staged.removed,
    authenticatedData: staged.authenticatedData,
    step: { group, changes },
  };
  return applyCommit(receiving, snapshot, entry, commit, { staged, intent: found.intent });
}

/**
 * An entry that no member of the epoch can have made properly. A message is passed over and said; after a bad commit the
 * relay's epoch is one that we cannot follow, so the conversation stops here until this device is added anew, or the group
 * goes on in another.
 */
function unreadable(receiving: Receiving, snapshot: Snapshot, entry: Entry, maker?: IdentityKey): Snapshot {
  if (entry.kind === "message") {
    addNotice(receiving, placeOf(snapshot.record, entry.seq), { type: "missing", count: 1, reason: "unreadable" });
    return snapshot;
  }
  return breakConversation(receiving, snapshot, placeOf(snapshot.record, entry.seq), "bad-commit", maker);
}
