import type { Entry, LogId, TokenHash } from "@stonechat/protocol";
import type { AppendOutcome, CreateOutcome } from "../logs/log-store.ts";
import type { ExportedEpoch, ExportedLog, LogTransfer } from "../store/log-export.ts";
import type { Asker, Decisions } from "./decisions.ts";
import type { LogTable } from "./log-table.ts";
import type { PageReader } from "./page-reader.ts";
import type { SegmentEpoch, SegmentLog } from "./segment-log.ts";

/** What logs are moved with. */
export interface SegmentTransferParts {
  readonly table: LogTable;
  readonly reader: PageReader;
  readonly decisions: Decisions;
}

/** Takes the place of hashes that were forgotten with their epoch. */
const FORGOTTEN = new Uint8Array(32);

/** Moves logs out of a segment store and into it. */
export class SegmentTransfer implements LogTransfer {
  readonly #parts: SegmentTransferParts;

  constructor(parts: SegmentTransferParts) {
    this.#parts = parts;
  }

  async *exportLogs(): AsyncGenerator<ExportedLog> {
    const { table, reader } = this.#parts;
    for (const log of [...table.all()]) {
      const { logId, ownerHash, firstEpoch, nextSeq } = log;
      yield {
        logId: logId as LogId, // as it was given to create
        ownerHash: ownerHash as TokenHash | undefined,
        epochs: log.epochs.map((epoch, i) => exportEpoch(epoch, firstEpoch + i)),
        nextSeq,
        entries: reader.entriesOf(log, 0),
      };
      await Promise.resolve();
    }
  }

  /** @throws Error when there is no room. */
  async importLog({ logId, ownerHash, epochs, nextSeq, entries }: ExportedLog): Promise<void> {
    const { decisions } = this.#parts;
    const [first] = epochs;
    if (first === undefined) throw new RangeError("a log without an epoch");
    let made: SegmentLog | undefined;
    await placed<CreateOutcome>((asker) => {
      const own = epochs.map(importEpoch);
      made = decisions.restore({ logId, ownerHash, firstEpoch: first.number, epochs: own, nextSeq }, asker);
    });
    const log = made;
    if (log === undefined) throw new RangeError("a log was not made");
    const nextHashes = nextHashesOf(epochs);
    for await (const some of entries) {
      const hashesOf = (entry: Entry): readonly [Uint8Array, Uint8Array] | undefined =>
        entry.kind === "commit" ? (nextHashes.get(entry.seq) ?? [FORGOTTEN, FORGOTTEN]) : undefined;
      await Promise.all(
        some.map((entry) =>
          placed<AppendOutcome>((asker) => {
            decisions.place(log, entry, hashesOf(entry), asker);
          }),
        ),
      );
    }
  }
}

function placed<T extends { readonly type: string }>(work: (asker: Asker<T>) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    work({
      resolve: ({ type }) => {
        if (type === "storage-full") reject(new Error("there is no room for the logs"));
        else resolve();
      },
      reject,
    });
  });
}

function exportEpoch({ hashes, firstSeq, closingSeq, closingExpiresAt }: SegmentEpoch, number: number): ExportedEpoch {
  return {
    number,
    readHash: hashes.slice(0, 32) as TokenHash, // as they were given to create or commit
    appendHash: hashes.slice(32, 64) as TokenHash,
    firstSeq,
    closing: closingSeq < 0 ? undefined : { seq: closingSeq, expiresAt: closingExpiresAt },
  };
}

function importEpoch({ readHash, appendHash, firstSeq, closing }: ExportedEpoch): SegmentEpoch {
  const hashes = new Uint8Array(64);
  hashes.set(readHash);
  hashes.set(appendHash, 32);
  return { hashes, firstSeq, closingSeq: closing?.seq ?? -1, closingExpiresAt: closing?.expiresAt ?? 0 };
}

function nextHashesOf(epochs: readonly ExportedEpoch[]): ReadonlyMap<number, readonly [TokenHash, TokenHash]> {
  const hashes = new Map<number, readonly [TokenHash, TokenHash]>();
  for (const [i, { closing }] of epochs.entries()) {
    const next = epochs[i + 1];
    if (closing !== undefined && next !== undefined) hashes.set(closing.seq, [next.readHash, next.appendHash]);
  }
  return hashes;
}
