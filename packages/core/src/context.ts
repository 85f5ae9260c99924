import type { Random } from "@stonechat/crypto";
import type { BlobTransport } from "./ports/blob-transport.ts";
import type { ClientEvent } from "./client-api.ts";
import { ClientError } from "./client-api.ts";
import type { ExpiringDatabase } from "./expiry/expiring-database.ts";
import type { WriteGate } from "./expiry/write-gate.ts";
import type { Account } from "./identity/account.ts";
import type { Mls } from "./mls/contract.ts";
import type { BlockFiles } from "./ports/block-files.ts";
import type { Clock } from "./ports/clock.ts";
import type { FilePort } from "./ports/file-port.ts";
import type { Transport } from "./ports/transport.ts";
import type { Database, Transaction } from "./vault/database.ts";
import type { Progress } from "./sync/progress.ts";
import type { Relays } from "./sync/relays.ts";

/** What a transaction wants done once it is on disk: tell somebody, go on sending. Never before: a crash would unsay it. */
export interface Afterwards {
  readonly emit: (event: ClientEvent) => void;
  readonly run: (work: () => void) => void;
}

/** Attachments on their way. */
export interface Transfers {
  progress(
    blobId: string,
  ):
    | { readonly state: "uploading" | "downloading" | "paused"; readonly done: number; readonly total: number }
    | undefined;
}

/** What all parts of the core share. */
export interface CoreContext {
  readonly db: Database;
  /** The time that timers of messages go by; who starts one makes it durable in the same transaction. */
  readonly counted: Pick<ExpiringDatabase, "now" | "saveTime">;
  readonly files: BlockFiles;
  /** Whoever writes to files, but for the database, keeps to it. */
  readonly gate: WriteGate;
  readonly filePort: FilePort;
  readonly clock: Clock;
  readonly random: Random;
  readonly mls: Mls;
  readonly transport: Transport;
  readonly blobs: BlobTransport;
  readonly relays: Relays;
  readonly progress: Progress;
  readonly emit: (event: ClientEvent) => void;
  /** Our own mistakes and storage failures in the background; they reach the host, never silence. */
  readonly report: (error: unknown) => void;
  /** @throws ClientError `no-account` */
  account(): Account;
  readonly transfers: Transfers;
  /** Between start and stop; timers that fire later do nothing. */
  readonly started: boolean;
  /** There is something to send in this conversation; also one that was just made. */
  wakeConversation(row: number): void;
  /** The conversation begins anew, or is gone from this device: its old state in memory counts no more. */
  forgetConversation(row: number): void;
  /** Runs while nothing else is taken in or sent in this conversation. */
  inConversation<T>(row: number, work: () => Promise<T>): Promise<T>;
  /** The relay was put back: nothing is read or sent in its conversations before each was compared with its log. */
  compareConversations(relayUrl: string, since: number): void;
  /** Joins again a group that this device had asked to be added to. */
  rejoinGroup(requestId: string): void;
  /** There may be something to deliver outside of conversations, an invite to follow, or a pool to fill. */
  wakeContacts(): void;
  wakeReceipts(): void;
  /** Local copies that nothing refers to any more. */
  dropLocalBlobs(blobIds: readonly Uint8Array[]): void;
}

/** Inside a transaction. */
export interface Writing {
  readonly core: CoreContext;
  readonly tx: Transaction;
  readonly afterwards: Afterwards;
}

/** One transaction, and what follows it. */
export async function write<T>(
  core: Pick<CoreContext, "db" | "emit" | "progress">,
  work: (tx: Transaction, afterwards: Afterwards) => Promise<T> | T,
): Promise<T> {
  const events: ClientEvent[] = [];
  const steps: (() => void)[] = [];
  const result = await core.db.transaction((tx) => {
    events.length = 0;
    steps.length = 0;
    return work(tx, {
      emit: (event) => {
        events.push(event);
      },
      run: (step) => {
        steps.push(step);
      },
    });
  });
  for (const step of steps) step();
  for (const event of events) core.emit(event);
  core.progress.wake();
  return result;
}

/** @throws ClientError `not-found` if `value` is undefined. */
export function found<T>(value: T | undefined): T {
  if (value === undefined) throw new ClientError("not-found");
  return value;
}
