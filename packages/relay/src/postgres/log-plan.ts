import { equalSecrets } from "@stonechat/crypto/issuer";
import type { LogId } from "@stonechat/protocol";
import {
  entryCost,
  type AppendEntry,
  type AppendOutcome,
  type CommitEntry,
  type LogLimits,
} from "../logs/log-store.ts";
import { mapKey } from "../map-key.ts";

/** A message or commit to add. */
export type Addition = Trying &
  ({ readonly type: "append"; readonly entry: AppendEntry } | { readonly type: "commit"; readonly entry: CommitEntry });

/** How it went so far. */
interface Trying {
  /** Where it was last planned. */
  planned?: number;
  /** Where it may have been stored already, by tries whose answers were lost. */
  unsure?: Set<number>;
}

/** What the database knew of an addition's log, token and entry, all at one moment. `undefined`: no such log. */
export interface Standing {
  readonly pk: number;
  readonly epoch: number;
  readonly nextSeq: number;
  readonly bytes: number;
  /** Of the open epoch. */
  readonly appendHash: Uint8Array;
  /** The newest closed epoch that had the token that was shown. */
  readonly tokenEpoch: number | undefined;
  /** Where an entry with this id is. */
  readonly stored: { readonly seq: number; readonly epoch: number } | undefined;
}

export interface PlannedEntry {
  readonly epoch: number;
  readonly addition: Addition;
}
/** What closes an epoch. */
export interface Closing {
  readonly seq: number;
  readonly expiresAt: number;
}
export interface PlannedEpoch {
  readonly number: number;
  readonly readHash: Uint8Array;
  readonly appendHash: Uint8Array;
  readonly firstSeq: number;
  closing: Closing | undefined;
}

/** How one log is to move, provided that it still stands where it stood. */
export class Move {
  readonly pk: number;
  readonly logId: LogId;
  readonly from: { readonly epoch: number; readonly nextSeq: number };
  readonly entries: PlannedEntry[] = [];
  readonly opened: PlannedEpoch[] = [];
  /** Of the epoch that was open before. */
  closing: Closing | undefined;
  epoch: number;
  nextSeq: number;
  added = 0;
  appendHash: Uint8Array;
  readonly #before: number;
  readonly #places = new Map<string, { readonly seq: number; readonly epoch: number }>();

  constructor(logId: LogId, standing: Standing) {
    this.pk = standing.pk;
    this.logId = logId;
    this.from = { epoch: standing.epoch, nextSeq: standing.nextSeq };
    this.epoch = standing.epoch;
    this.nextSeq = standing.nextSeq;
    this.appendHash = standing.appendHash;
    this.#before = standing.bytes;
  }

  /** Plans one addition, after those planned before. @returns what it will be answered if the move takes place. */
  add(addition: Addition, standing: Standing, limits: LogLimits): AppendOutcome {
    const { entry } = addition;
    const key = mapKey(entry.entryId);
    const stored = this.#places.get(key) ?? standing.stored;
    const epoch = this.#epochOf(entry.appendHash, standing);
    if (epoch === undefined) return { type: "unknown" };
    const current = epoch === this.epoch;
    if (stored !== undefined && (current || stored.epoch === epoch)) {
      // Found where a try of ours may have put it whose answer was lost: then it is this call that stored it.
      const ours = addition.unsure?.has(stored.seq) === true && !this.#places.has(key);
      return { type: "appended", ...stored, duplicate: !ours };
    }
    if (!current) return { type: "stale-epoch" };
    const quota = limits.logQuotaBytes + (addition.type === "commit" ? limits.commitHeadroomBytes : 0);
    if (this.#before + this.added + entryCost(entry.body) > quota) return { type: "full" };
    return this.#store(addition, key);
  }

  #store(addition: Addition, key: string): AppendOutcome {
    const place = { seq: this.nextSeq, epoch: this.epoch };
    addition.planned = place.seq;
    this.entries.push({ epoch: place.epoch, addition });
    this.#places.set(key, place);
    this.nextSeq += 1;
    this.added += entryCost(addition.entry.body);
    if (addition.type === "commit") this.#close(addition.entry, place.seq);
    return { type: "appended", ...place, duplicate: false };
  }

  #close({ expiresAt, nextReadHash, nextAppendHash }: CommitEntry, seq: number): void {
    const open = this.opened.at(-1);
    if (open === undefined) this.closing = { seq, expiresAt };
    else open.closing = { seq, expiresAt };
    this.epoch += 1;
    this.appendHash = nextAppendHash;
    this.opened.push({
      ...{ number: this.epoch, readHash: nextReadHash, appendHash: nextAppendHash },
      ...{ firstSeq: this.nextSeq, closing: undefined },
    });
  }

  /** The newest epoch whose token this is. */
  #epochOf(appendHash: Uint8Array, standing: Standing): number | undefined {
    if (equalSecrets(appendHash, this.appendHash)) return this.epoch;
    const opened = this.opened.findLast((epoch) => equalSecrets(epoch.appendHash, appendHash));
    if (opened !== undefined) return opened.number;
    if (equalSecrets(appendHash, standing.appendHash)) return standing.epoch;
    return standing.tokenEpoch;
  }
}

/** What a batch would do. */
export interface Plan {
  /** One for each addition; those of a log that has a move hold only if it takes place. */
  readonly outcomes: readonly AppendOutcome[];
  /** Only of logs that change; in the order in which they are locked. */
  readonly moves: readonly Move[];
}

/** Decides a batch of additions in the order in which they were asked for. Changes nothing but `planned`. */
export function planAdditions(
  additions: readonly Addition[],
  standings: readonly (Standing | undefined)[],
  limits: LogLimits,
): Plan {
  const moves = new Map<number, Move>();
  const outcomes = additions.map((addition, i): AppendOutcome => {
    const standing = standings[i];
    if (standing === undefined) return { type: "unknown" };
    let move = moves.get(standing.pk);
    if (move === undefined) {
      move = new Move(addition.entry.logId, standing);
      moves.set(standing.pk, move);
    }
    return move.add(addition, standing, limits);
  });
  const changing = [...moves.values()].filter(({ entries }) => entries.length > 0);
  return { outcomes, moves: changing.toSorted((a, b) => a.pk - b.pk) };
}
