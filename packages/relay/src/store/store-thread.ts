import { statfsSync, statSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { initCrypto } from "@stonechat/crypto/issuer";
import type { LogLimits } from "../logs/log-store.ts";
import { openDatabase } from "./database.ts";
import { operationBatch, outcomeBatch } from "./operations.ts";
import { StoreEngine } from "./store-engine.ts";

/** What the thread is started with. */
export interface StoreThreadData {
  readonly path: string;
  readonly limits: LogLimits;
  /** Below this many free bytes nothing new is stored, so that deleting still has room to work in. */
  readonly reserveBytes: number;
  /** The version that the folder has afterwards; that of a folder whose logs lie here too by default. */
  readonly format?: number;
}

/** What the thread says, besides batches of outcomes: it is open, or it must stop because storage cannot be trusted. */
export type StoreThreadMessage =
  | { readonly type: "open" }
  | {
      readonly type: "outcomes";
      readonly bytes: Uint8Array;
      readonly storageLow: boolean;
      /** How long the batch's sync took, in milliseconds; undefined if nothing was written. */
      readonly syncMs: number | undefined;
    }
  | { readonly type: "health"; readonly expiryBacklog: number; readonly checkpointLagBytes: number }
  | { readonly type: "failed"; readonly name: string; readonly message: string }
  /** Everything is in the database: closing it will not work on files any more. */
  | { readonly type: "finished" }
  | { readonly type: "closed" };

/** To the thread: a batch of operations, what its keeper wants to know or to change, or the wish to stop. */
export type StoreThreadRequest =
  | { readonly type: "operations"; readonly bytes: Uint8Array }
  | { readonly type: "health"; readonly now: number }
  | { readonly type: "limits"; readonly limits: LogLimits; readonly reserveBytes: number }
  | { readonly type: "finish" }
  | { readonly type: "close" };

const FREE_SPACE_INTERVAL_MS = 500;
/** While the write-ahead log is copied back nobody is answered: so little at a time that this takes some 10 ms. */
const CHECKPOINT_BYTES = 4 * 1024 * 1024;
const TRUNCATE_INTERVAL_MS = 5000;

const port = parentPort;
if (port === null) throw new RangeError("store-thread runs as a worker only");
const say = (message: StoreThreadMessage, transfer: readonly ArrayBuffer[] = []): void => {
  port.postMessage(message, [...transfer]);
};
const fail = (error: unknown): void => {
  const { name, message } = error instanceof Error ? error : new Error("unknown");
  say({ type: "failed", name, message });
  port.close();
};

try {
  await run(workerData as StoreThreadData); // set by SqliteStore.open, which this file belongs to
} catch (error) {
  fail(error);
}

async function run({ path, limits, ...data }: StoreThreadData): Promise<void> {
  await initCrypto();
  const db = openDatabase(path, data.format);
  const engine = new StoreEngine(db, limits);
  let lastLook = 0;
  let lastTruncate = 0;
  let erased = false;
  let { reserveBytes } = data;

  const look = (now: number): void => {
    if (now - lastLook < FREE_SPACE_INTERVAL_MS) return;
    lastLook = now;
    const { bavail, bsize } = statfsSync(path);
    engine.storageLow = bavail * bsize < reserveBytes;
  };
  const maintain = (now: number): void => {
    erased ||= engine.takeErased();
    const wal = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
    if (erased && !engine.moreToErase && now - lastTruncate >= TRUNCATE_INTERVAL_MS) {
      lastTruncate = now;
      erased = !engine.checkpoint("TRUNCATE");
    } else if (wal > CHECKPOINT_BYTES && engine.writtenSinceCheckpoint > CHECKPOINT_BYTES / 2) {
      engine.checkpoint("PASSIVE");
    }
  };
  port?.on("message", (request: StoreThreadRequest) => {
    try {
      if (request.type === "finish") {
        engine.checkpoint("TRUNCATE");
        say({ type: "finished" });
        return;
      }
      if (request.type === "close") {
        db.close();
        say({ type: "closed" });
        port.close();
        return;
      }
      if (request.type === "health") {
        say({ type: "health", ...engine.health(request.now) });
        return;
      }
      if (request.type === "limits") {
        engine.setLimits(request.limits);
        ({ reserveBytes } = request);
        lastLook = 0;
        return;
      }
      const now = Date.now();
      look(now);
      const bytes = outcomeBatch.encode(engine.run(operationBatch.decode(request.bytes)));
      // `encode` gives a copy of its own, so its buffer can be handed over whole.
      say({ type: "outcomes", bytes, storageLow: engine.storageLow, syncMs: engine.takeSyncMs() }, [
        bytes.buffer as ArrayBuffer,
      ]);
      maintain(now);
    } catch (error) {
      fail(error);
    }
  });
  say({ type: "open" });
}
