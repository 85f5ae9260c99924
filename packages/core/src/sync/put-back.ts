import { sha256 } from "@stonechat/crypto";
import { MAX_PAGE_ENTRIES, toHex, type Entry, type TokenHash } from "@stonechat/protocol";
import { placeOf } from "../content/message-rows.ts";
import { write, type CoreContext } from "../context.ts";
import type { ConversationRecord } from "../conversations/conversation-record.ts";
import { addNotice, breakConversation, type Receiving } from "./receiving.ts";
import type { RelayLink } from "./relay-link.ts";
import { giveBack, makeLogAgain } from "./give-back.ts";
import type { Runner, Snapshot } from "./runner.ts";
import { notePutBack } from "./runs.ts";
import { tailOf, type TailEntry } from "./tail.ts";

/** In place of the time when the relay was found put back: only the one log gives reason to think so. */
export const SUSPECTED = 1;
/** How long another member may take to bring back a commit that this device does not have any more. */
const PATIENCE_MS = 3_600_000;
/** Pages that are read of one log to compare it: more entries than any epoch has. */
const MAX_PAGES = 1000;

/** `later`: the relay, or the others, need time. `done`: the conversation goes on, or has ended with a notice. */
export type Compared = "done" | "later";

/** The entries of our epoch that the relay has from `from` on. `end` is one past the last. */
interface Held {
  readonly from: number;
  readonly end: number;
  readonly entries: readonly Pick<Entry, "seq" | "entryId">[];
}
type Reading = { readonly type: "held"; readonly held: Held } | { readonly type: "unknown" | "expired" | "later" };

/**
 * Compares a conversation with its log after the relay was put back; see [Note: A relay that was put back].
 *
 * @throws RelayUnavailable; then it is compared from the beginning, which does no harm.
 */
export async function compareWithRelay(core: CoreContext, runner: Runner): Promise<Compared> {
  const { link } = core.relays.at(runner.relayUrl);
  const { record } = runner;
  const tail = await core.db.transaction((tx) => tailOf(tx, runner.row));
  const current = tail.filter(({ readToken }) => toHex(readToken) === toHex(record.keys.readToken));
  let reading = await readFrom(link, record, current);
  let restored = false;
  if (reading.type === "unknown") {
    const outcome = await restoreEpoch(core, link, record, tail);
    if (outcome === "forked") return end(core, runner);
    if (outcome === "later") return "later";
    restored = outcome === "restored";
    reading = restored ? await readFrom(link, record, current) : reading;
  }
  switch (reading.type) {
    case "later":
      return "later";
    case "unknown":
      return core.clock.now() - record.compareSince < PATIENCE_MS ? "later" : end(core, runner);
    case "expired":
      return goOn(core, runner, (current) => current);
    case "held":
      break;
  }
  const { held } = reading;
  const there = new Set(held.entries.map(({ entryId }) => toHex(entryId)));
  const now = core.clock.now();
  const missing = current.filter(
    ({ entryId, body, expiresAt }) => body !== undefined && expiresAt > now && !there.has(toHex(entryId)),
  );
  if ((await giveBack(link, runner.logId, missing, now)) === "later") return "later";
  const ours = new Set(current.map(({ entryId }) => toHex(entryId)));
  const strange = held.entries.some(({ seq, entryId }) => seq < record.nextSeq && !ours.has(toHex(entryId)));
  const clean = !restored && missing.length === 0 && !strange && held.end >= record.nextSeq;
  return goOn(core, runner, (old) => (clean ? old : rereading(old, held, held.end + missing.length)));
}

/** Reads from the first entry of the epoch that is remembered, or all of the epoch if the relay has another there. */
async function readFrom(link: RelayLink, record: ConversationRecord, current: readonly TailEntry[]): Promise<Reading> {
  const [first] = current;
  if (first !== undefined) {
    const reading = await read(link, record, first.seq);
    if (reading.type !== "held") return reading;
    const [entry] = reading.held.entries;
    if (entry?.seq === first.seq && toHex(entry.entryId) === toHex(first.entryId)) return reading;
  }
  return read(link, record, 0);
}

async function read(link: RelayLink, { logId, keys }: ConversationRecord, from: number): Promise<Reading> {
  const entries: Pick<Entry, "seq" | "entryId">[] = [];
  let next = from;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const request = { type: "read", logId, readToken: keys.readToken, from: next, limit: MAX_PAGE_ENTRIES } as const;
    const reply = await link.request(request, "entries");
    if (reply.type === "error")
      return { type: reply.code === "unknown" ? "unknown" : reply.code === "expired-before" ? "expired" : "later" };
    for (const { seq, entryId } of reply.entries) entries.push({ seq, entryId });
    next = reply.next;
    if (reply.entries.length === 0 || reply.endOfEpoch) break;
  }
  return { type: "held", held: { from, end: next, entries } };
}

/**
 * The relay does not know our epoch: it has lost the commit that opened it, or the whole log.
 *
 * @returns `not-ours`: this device has not got what is missing; another member may.
 */
async function restoreEpoch(
  core: CoreContext,
  link: RelayLink,
  record: ConversationRecord,
  tail: readonly TailEntry[],
): Promise<"restored" | "not-ours" | "forked" | "later"> {
  const now = core.clock.now();
  const given = await giveBack(link, record.logId, tail, now);
  if (given !== "unknown") return given === "given" ? "restored" : given;
  const [oldest] = tail;
  const { readToken, appendToken } = oldest ?? record.keys;
  const made = await makeLogAgain(link, record.logId, {
    readHash: sha256(readToken) as TokenHash,
    appendHash: sha256(appendToken) as TokenHash,
    admission: core.account().admission,
  });
  if (made === "exists") return "not-ours";
  if (made === "later") return "later";
  const again = await giveBack(link, record.logId, tail, now);
  return again === "given" ? "restored" : again === "unknown" ? "not-ours" : again;
}

/** The record of a conversation that reads its log again, from where it is known to agree or from the beginning. */
function rereading(old: ConversationRecord, held: Held, until: number): ConversationRecord {
  return {
    ...old,
    nextSeq: Math.min(held.from, old.nextSeq),
    rereadUntil: until,
    // What comes stands behind what is there, whatever position the relay gives it now.
    placeShift: old.placeShift + Math.max(0, old.nextSeq - held.from),
  };
}

/** Ends the comparison. A log that did not agree is noted in its conversation. */
async function goOn(
  core: CoreContext,
  runner: Runner,
  change: (record: ConversationRecord) => ConversationRecord,
): Promise<Compared> {
  await runner.queue.run(async () => {
    const snapshot = await write(core, async (tx, afterwards) => {
      const current = await runner.snapshot(tx);
      if (current.record.state !== "active" || current.record.compareSince === 0) return current;
      const changed = change(current.record);
      if (changed !== current.record) note({ core, tx, afterwards, runner }, current, changed);
      tx.run("UPDATE conversations SET compare_since = 0 WHERE id = ?", runner.row);
      return { ...current, record: { ...changed, compareSince: 0 } };
    });
    runner.adopt(snapshot);
  });
  runner.follow();
  return "done";
}

function note(receiving: Receiving, { record }: Snapshot, changed: ConversationRecord): void {
  // Nothing but this log had told it.
  if (record.compareSince === SUSPECTED) notePutBack(receiving, record.relayUrl, undefined);
  addNotice(receiving, placeOf(record, record.nextSeq) - 1, { type: "alarm", alarm: "relay-put-back" });
  receiving.tx.run(
    "UPDATE conversations SET next_seq = ?, reread_until = ?, place_shift = ? WHERE id = ?",
    changed.nextSeq,
    changed.rereadUntil,
    changed.placeShift,
    record.id,
  );
}

/** What the relay has now leads elsewhere than what we have: says so, and asks to be added anew. */
async function end(core: CoreContext, runner: Runner): Promise<Compared> {
  await runner.queue.run(async () => {
    const snapshot = await write(core, async (tx, afterwards) => {
      const current = await runner.snapshot(tx);
      if (current.record.state !== "active") return current;
      const { record } = current;
      const receiving = { core, tx, afterwards, runner };
      const broken = breakConversation(receiving, current, placeOf(record, record.nextSeq) - 1, "relay-rollback");
      // Who adds us anew names a position of the log as it is now; later places stay behind those of before.
      const placeShift = record.placeShift + record.nextSeq;
      tx.run(
        "UPDATE conversations SET compare_since = 0, next_seq = 0, place_shift = ? WHERE id = ?",
        placeShift,
        runner.row,
      );
      return { ...broken, record: { ...broken.record, compareSince: 0, nextSeq: 0, placeShift } };
    });
    runner.adopt(snapshot);
  });
  return "done";
}
