import type { EntryId, LogId, TokenHash } from "@stonechat/protocol";
import { mapKey } from "../../map-key.ts";
import type { Outcome } from "../../store/operations.ts";
import type { Findings } from "./findings.ts";
import type { Perform, StoreOperation } from "./perform.ts";
import { readEpoch, type EpochView } from "./read-epoch.ts";

export type Create = StoreOperation & { readonly type: "create" };
export type Add = StoreOperation & { readonly type: "append" | "commit" };
type StoredEntry = (Outcome & { type: "page" })["entries"][number];

/** What is known of one entry: its position once that was acknowledged or read. */
interface EntryRecord {
  readonly add: Add;
  seq: number | undefined;
  /** Asked for, and no answer yet. */
  pending: number;
  /** Refused for want of room: nothing may be seen of it, but a crash may bring it to light. */
  doubtful: boolean;
  /** Somebody was told that this was the first time. */
  first: boolean;
}

/** One epoch that was asked for: by the making of the log, or by a commit. */
interface EpochRecord {
  readonly readHash: TokenHash;
  readonly appendHash: TokenHash;
  readonly by: EntryRecord | undefined;
}

/** What {@link LogRecord.examine} saw. */
export interface LogSighting {
  readonly there: boolean;
  readonly seqs: ReadonlyMap<EntryRecord, number>;
}

/** Where a log goes on. */
export interface OpenLog {
  readonly logId: LogId;
  readonly appendHash: TokenHash;
  readonly readHash: TokenHash;
  readonly ownerHash: TokenHash | undefined;
}

/** The client's side of one log, from its making to its destruction. */
export class LogRecord {
  readonly #name: string;
  readonly #create: Create;
  readonly #exactTimes: boolean;
  readonly #entries = new Map<string, EntryRecord>();
  readonly #bySeq = new Map<number, EntryRecord>();
  readonly #epochs: EpochRecord[];
  #creating = 0;
  #created = false;
  #destroying = 0;
  #destroyed = false;

  /** @param exactTimes - The times of expiry that were asked for are those that are stored. */
  constructor(name: string, create: Create, exactTimes: boolean) {
    this.#name = name;
    this.#create = create;
    this.#exactTimes = exactTimes;
    this.#epochs = [{ readHash: create.readHash, appendHash: create.appendHash, by: undefined }];
  }

  /** Destroyed for sure, so that its id may be used again. */
  get over(): boolean {
    return this.#destroyed;
  }

  get acknowledged(): number {
    return this.#bySeq.size;
  }

  askCreate(): void {
    this.#creating += 1;
  }

  answerCreate(outcome: Outcome): void {
    this.#creating -= 1;
    if (outcome.type === "created" || outcome.type === "exists") this.#created = true;
  }

  askDestroy(): void {
    this.#destroying += 1;
  }

  answerDestroy(outcome: Outcome): void {
    this.#destroying -= 1;
    if (outcome.type === "destroyed") this.#destroyed = true;
  }

  askAdd(add: Add): void {
    const key = mapKey(add.entryId);
    let record = this.#entries.get(key);
    if (record === undefined) {
      record = { add, seq: undefined, pending: 0, doubtful: false, first: false };
      this.#entries.set(key, record);
      if (add.type === "commit")
        this.#epochs.push({ readHash: add.nextReadHash, appendHash: add.nextAppendHash, by: record });
    }
    record.pending += 1;
  }

  answerAdd(add: Add, outcome: Outcome, findings: Findings): void {
    const record = this.#entries.get(mapKey(add.entryId));
    if (record === undefined) throw new RangeError("an answer to nothing");
    record.pending -= 1;
    if (outcome.type === "storage-full") record.doubtful = true;
    if (outcome.type !== "appended") return;
    if (!outcome.duplicate) {
      findings.expect(!record.first, "doubled", `${this.#name}: an entry was stored for the first time twice`);
      record.first = true;
    }
    this.#place(record, outcome.seq, findings);
  }

  /** What a reader saw stays true. */
  answerRead(entries: readonly StoredEntry[], findings: Findings): void {
    for (const entry of entries) {
      const record = this.#check(entry, findings);
      if (record !== undefined) this.#place(record, entry.seq, findings);
    }
  }

  /** Reads all that any token of this log can show, and compares. */
  async examine(perform: Perform, now: number, findings: Findings): Promise<LogSighting> {
    const views: (readonly [EpochRecord, EpochView])[] = [];
    for (const epoch of this.#epochs)
      views.push([epoch, await readEpoch(perform, this.#create.logId, epoch.readHash, now)]);
    const there = views[0]?.[1].type !== "unknown";
    if (there) {
      findings.expect(!this.#destroyed, "invented", `${this.#name}: a destroyed log is back`);
      findings.expect(this.#created || this.#creating > 0, "invented", `${this.#name}: a log nobody made`);
      return { there, seqs: this.#compare(views, now, findings) };
    }
    findings.expect(
      !this.#created || this.#destroyed || this.#destroying > 0,
      "lost",
      `${this.#name} with ${String(this.#bySeq.size)} entries`,
    );
    const half = views.some(([, { type }]) => type !== "unknown");
    findings.expect(!half, "invented", `${this.#name}: epochs of a log that is not there`);
    return { there, seqs: new Map() };
  }

  /** What was in doubt is so from now on as it was seen. */
  settle({ there, seqs }: LogSighting, now: number, findings: Findings): void {
    this.#created ||= there;
    this.#destroyed ||= this.#created && !there;
    this.#creating = 0;
    this.#destroying = 0;
    for (const [record, seq] of seqs) {
      record.first = true;
      this.#place(record, seq, findings);
    }
    for (const record of this.#entries.values()) {
      // Of what expired meanwhile nobody can say any more whether it took a position.
      record.doubtful = record.seq === undefined && record.add.expiresAt <= now && maybe(record);
      record.pending = 0;
    }
  }

  /** @returns where to append, or nothing when the log is not there for sure. */
  open(): OpenLog | undefined {
    if (!this.#created || this.#destroyed || this.#destroying > 0) return undefined;
    const { logId, ownerHash } = this.#create;
    let epoch = this.#epochs[0];
    for (;;) {
      const at = epoch;
      if (at === undefined) return undefined;
      const next = this.#epochs.find(
        ({ by }) => by?.seq !== undefined && mapKey(by.add.appendHash) === mapKey(at.appendHash),
      );
      if (next === undefined) return { logId, ownerHash, appendHash: at.appendHash, readHash: at.readHash };
      epoch = next;
    }
  }

  #place(record: EntryRecord, seq: number, findings: Findings): void {
    const moved = record.seq !== undefined && record.seq !== seq;
    findings.expect(!moved, "doubled", `${this.#name}: an entry at ${String(record.seq)} and at ${String(seq)}`);
    const other = this.#bySeq.get(seq) ?? record;
    findings.expect(other === record, "wrong", `${this.#name}: two entries at ${String(seq)}`);
    record.seq = seq;
    this.#bySeq.set(seq, record);
  }

  /** @returns the record of what was read, if it may be there at all. */
  #check(entry: StoredEntry, findings: Findings): EntryRecord | undefined {
    const place = `${this.#name} at ${String(entry.seq)}`;
    const record = this.#entries.get(mapKey(entry.entryId satisfies EntryId));
    if (record === undefined || !maybe(record)) {
      findings.add("invented", `${place}: an entry that nobody asked for or that was refused`);
      return undefined;
    }
    const { add } = record;
    const same = Buffer.from(add.body).equals(entry.body) && (entry.kind === "commit") === (add.type === "commit");
    findings.expect(same, "wrong", `${place}: other bytes`);
    findings.expect(!this.#exactTimes || entry.expiresAt === add.expiresAt, "wrong", `${place}: another expiry`);
    return record;
  }

  #compare(
    views: readonly (readonly [EpochRecord, EpochView])[],
    now: number,
    findings: Findings,
  ): ReadonlyMap<EntryRecord, number> {
    const seqs = new Map<EntryRecord, number>();
    const taken = new Set<number>();
    let end = 0;
    for (const [epoch, view] of views) {
      if (view.type !== "pages") continue;
      end = Math.max(end, view.end);
      for (const entry of view.entries) {
        const place = `${this.#name} at ${String(entry.seq)}`;
        const record = this.#check(entry, findings);
        findings.expect(!taken.has(entry.seq), "doubled", `${place}: read twice`);
        taken.add(entry.seq);
        findings.expect(!this.#exactTimes || entry.expiresAt > now, "wrong", `${place}: expired and yet read`);
        if (record === undefined) continue;
        findings.expect(!seqs.has(record), "doubled", `${place}: stored before`);
        const inPlace = record.seq === undefined || record.seq === entry.seq;
        findings.expect(inPlace, "wrong", `${place}: acknowledged at ${String(record.seq)}`);
        const right = mapKey(record.add.appendHash) === mapKey(epoch.appendHash);
        findings.expect(right, "wrong", `${place}: in another epoch`);
        seqs.set(record, entry.seq);
      }
    }
    this.#expectAll(seqs, now, findings);
    this.#expectEpochs(views, seqs, now, findings);
    this.#expectNoGaps(taken, end, now, findings);
    return seqs;
  }

  #expectAll(seqs: ReadonlyMap<EntryRecord, number>, now: number, findings: Findings): void {
    for (const [seq, record] of this.#bySeq) {
      const due = record.add.expiresAt > now;
      findings.expect(!due || seqs.has(record), "lost", `${this.#name} at ${String(seq)}`);
    }
  }

  #expectEpochs(
    views: readonly (readonly [EpochRecord, EpochView])[],
    seqs: ReadonlyMap<EntryRecord, number>,
    now: number,
    findings: Findings,
  ): void {
    for (const [{ by }, { type }] of views) {
      if (by === undefined) continue;
      const stored = by.seq !== undefined || seqs.has(by);
      if (type === "unknown") findings.expect(!stored, "lost", `${this.#name}: the epoch that a commit opened`);
      const possible = stored || (by.add.expiresAt <= now && maybe(by));
      if (type !== "unknown") findings.expect(possible, "invented", `${this.#name}: an epoch without its commit`);
    }
  }

  /** Positions without an entry are those of expired ones, and no position is given again. */
  #expectNoGaps(taken: ReadonlySet<number>, end: number, now: number, findings: Findings): void {
    let gaps = 0;
    for (let seq = 0; seq < end; seq += 1) {
      if (!taken.has(seq) && !this.#bySeq.has(seq)) gaps += 1;
    }
    const excused = [...this.#entries.values()].filter(
      (record) => record.seq === undefined && maybe(record) && record.add.expiresAt <= now,
    ).length;
    findings.expect(gaps <= excused, "wrong", `${this.#name}: ${String(gaps)} gaps`);
    for (const seq of this.#bySeq.keys()) {
      findings.expect(seq < end, "lost", `${this.#name}: the end lies before ${String(seq)}`);
    }
  }
}

function maybe({ seq, pending, doubtful }: EntryRecord): boolean {
  return seq !== undefined || pending > 0 || doubtful;
}
