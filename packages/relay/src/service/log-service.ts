import { sha256 } from "@stonechat/crypto/issuer";
import {
  MAX_MESSAGE_BYTES,
  MAX_PAGE_BYTES,
  MAX_PAGE_ENTRIES,
  ReplyEncoder,
  type Entry,
  type EntryKind,
  type LogId,
  type Reply,
  type RequestOf,
  type Seq,
  type Token,
  type TokenHash,
} from "@stonechat/protocol";
import type { Admission } from "../admission/admission.ts";
import type { Clock } from "../clock.ts";
import type { AppendOutcome, LogStore } from "../logs/log-store.ts";
import { mapKey } from "../map-key.ts";
import type { Counters } from "./counters.ts";
import { APPEND_BURST_SECONDS, MIN_APPEND_BYTES, type ServiceLimits } from "./limits.ts";
import { refusal } from "./replies.ts";
import type { Subscriptions } from "./subscriptions.ts";
import type { StoredEntry, WakeUpListener, WakeUps } from "./wake-ups.ts";
import { WindowBudget } from "./window-budget.ts";

/** All that the relay keeps of a token: its SHA-256. */
export function hashToken(token: Token): TokenHash {
  return sha256(token) as TokenHash; // SHA-256 has the 32 bytes that the brand stands for
}

export interface LogServiceParts {
  readonly store: LogStore;
  readonly subscriptions: Subscriptions;
  readonly wakeUps: WakeUps;
  readonly admission: Admission;
  readonly limits: ServiceLimits;
  readonly clock: Clock;
  readonly counters: Counters;
}

/** Answers requests about logs, and pushes what was stored to who follows the log. */
export class LogService implements WakeUpListener {
  readonly #parts: LogServiceParts;
  /** One of its own: a frame goes to many, who may answer something else meanwhile. */
  readonly #encoder = new ReplyEncoder();
  /** Bytes of messages by log and epoch. Commits are not counted: a flood of messages must not keep its sender from being removed. */
  readonly #appended = new WindowBudget(APPEND_BURST_SECONDS * 1000);

  constructor(parts: LogServiceParts) {
    this.#parts = parts;
  }

  async create({ logId, readHash, appendHash, ownerHash, admission: code }: RequestOf<"create">): Promise<Reply> {
    const { admission, store } = this.#parts;
    if (!(await admission.admit(code))) return refusal("not-admitted");
    const outcome = await store.create({ logId, readHash, appendHash, ownerHash });
    if (outcome.type === "created") return { type: "done" };
    await admission.refund(code);
    return this.#refuse(outcome.type);
  }

  async append(request: RequestOf<"append">): Promise<Reply> {
    const { limits, clock, store } = this.#parts;
    const { logId, entryId, body } = request;
    if (body.length > MAX_MESSAGE_BYTES) return refusal("too-large");
    const now = clock.now();
    const appendHash = hashToken(request.appendToken);
    // By log and token: who does not hold the token learns of no flood that the log exists.
    const key = mapKey(logId) + mapKey(appendHash);
    if (this.#appended.spent(key, now) >= limits.appendBytesPerSecondPerLog * APPEND_BURST_SECONDS)
      return refusal("busy");
    const expiresAt = now + Math.min(request.ttlSeconds, limits.retentionSeconds) * 1000;
    const outcome = await store.append({ logId, appendHash, entryId, expiresAt, body });
    // Only now: who does not hold the token must not use up the budget of who does.
    if (outcome.type === "appended") this.#appended.spend(key, Math.max(body.length, MIN_APPEND_BYTES), now);
    return this.#stored(outcome, logId, "message", { entryId, expiresAt, body });
  }

  async commit(request: RequestOf<"commit">): Promise<Reply> {
    const { limits, clock, store } = this.#parts;
    const { logId, entryId, body, nextReadHash, nextAppendHash } = request;
    const expiresAt = clock.now() + limits.commitRetentionSeconds * 1000;
    const outcome = await store.commit({
      logId,
      appendHash: hashToken(request.appendToken),
      entryId,
      expiresAt,
      body,
      nextReadHash,
      nextAppendHash,
    });
    return this.#stored(outcome, logId, "commit", { entryId, expiresAt, body });
  }

  async read({ logId, readToken, from, limit }: RequestOf<"read">): Promise<Reply> {
    const { clock, store } = this.#parts;
    const outcome = await store.read({
      logId,
      readHash: hashToken(readToken),
      from,
      limit: Math.min(limit, MAX_PAGE_ENTRIES),
      maxBytes: MAX_PAGE_BYTES,
      now: clock.now(),
    });
    switch (outcome.type) {
      case "page": {
        const { entries, next, endOfEpoch } = outcome;
        return { type: "entries", logId, entries, next, endOfEpoch };
      }
      case "expired-before":
        return refusal("expired-before", outcome.seq);
      case "unknown":
        return this.#refuse("unknown");
    }
  }

  async destroy({ logId, ownerToken }: RequestOf<"destroy">): Promise<Reply> {
    const { store, wakeUps } = this.#parts;
    const outcome = await store.destroy({ logId, ownerHash: hashToken(ownerToken) });
    if (outcome.type !== "destroyed") return this.#refuse(outcome.type);
    this.changed(logId);
    wakeUps.announceChange(logId);
    return { type: "done" };
  }

  /** The same bytes go to everyone who is exactly at this entry. Others read it from the log, with their own token. */
  stored({ logId, epoch, entry }: StoredEntry): void {
    const followers = this.#parts.subscriptions.of(logId);
    if (followers === undefined) return;
    const endOfEpoch = entry.kind === "commit";
    const next = entry.seq + 1;
    let frame: Uint8Array | undefined;
    // Whoever leaves on the way is passed over; nobody can come.
    for (const subscription of followers) {
      const { follower } = subscription;
      if (!subscription.live) subscription.heard = Math.max(subscription.heard, next);
      if (!subscription.live || entry.seq < subscription.cursor) continue;
      if (entry.seq > subscription.cursor || epoch !== subscription.epoch) {
        follower.fallBehind(subscription);
        continue;
      }
      if (!follower.accepts(subscription)) continue;
      frame ??= this.#encoder.encode({
        requestId: 0,
        reply: { type: "entries", logId, entries: [entry], next, endOfEpoch },
      });
      subscription.cursor = next;
      follower.push(frame);
      this.#parts.counters.add("pushed");
      if (endOfEpoch) follower.unsubscribe(logId);
    }
  }

  changed(logId: LogId): void {
    for (const subscription of [...(this.#parts.subscriptions.of(logId) ?? [])]) {
      subscription.follower.fallBehind(subscription);
    }
  }

  reached(logId: LogId, next: Seq): void {
    for (const subscription of [...(this.#parts.subscriptions.of(logId) ?? [])]) {
      if (!subscription.live) subscription.heard = Math.max(subscription.heard, next);
      else if (subscription.cursor < next) subscription.follower.fallBehind(subscription);
    }
  }

  missed(): void {
    for (const logId of this.#parts.subscriptions.logIds()) this.changed(logId);
  }

  #stored(outcome: AppendOutcome, logId: LogId, kind: EntryKind, entry: Omit<Entry, "seq" | "kind">): Reply {
    if (outcome.type !== "appended") return this.#refuse(outcome.type);
    const { seq, epoch, duplicate } = outcome;
    if (!duplicate) {
      const { counters, wakeUps } = this.#parts;
      counters.add("appended");
      counters.add("appendedBytes", entry.body.length);
      if (kind === "commit") counters.add("commits");
      const stored = { logId, epoch, entry: { seq, kind, ...entry } };
      this.stored(stored);
      wakeUps.announce(stored);
    }
    return { type: "appended", seq };
  }

  #refuse(code: "exists" | "storage-full" | "unknown" | "stale-epoch" | "full"): Reply {
    const { counters } = this.#parts;
    if (code === "unknown") counters.add("unknowns");
    if (code === "stale-epoch") counters.add("staleEpochs");
    if (code === "storage-full") counters.add("storageFull");
    return refusal(code);
  }
}
