import { isAbsolute } from "node:path";
import { Worker } from "node:worker_threads";
import type { RelayStore } from "../../store/relay-store.ts";
import { RefusedError } from "../control/refused-error.ts";
import { noteLastBackup } from "../last-backup.ts";
import { readRelayVersion } from "../versions.ts";
import type { BackupReport } from "./backup-report.ts";
import type { BackupThreadMessage } from "./backup-thread.ts";
import type { BackupOrder } from "./write-backup.ts";

/** Codes are kept apart from the store, by every kind of it. */
export const ADMISSION_DATABASE = "admission.sqlite";

/** What a running relay gives to be backed up. */
export interface BackedUp {
  readonly data: string;
  readonly store: RelayStore;
  /** Whether codes are kept in the data folder. */
  readonly hasCodes: () => boolean;
  readonly now: () => number;
}

/** Takes backups of a running relay, one at a time, on a thread. */
export class BackupTaker {
  readonly #relay: BackedUp;
  #busy = false;

  constructor(relay: BackedUp) {
    this.#relay = relay;
  }

  /** @throws RefusedError when that cannot be. */
  async take(target: string, keep: number): Promise<BackupReport> {
    const { upkeep } = this.#relay.store;
    if (upkeep?.snapshot === undefined)
      throw new RefusedError(
        "This relay's messages are not kept in its data folder. Back its database and its storage up by their own means.",
      );
    if (!isAbsolute(target)) throw new RefusedError("Name the folder of backups by its whole path.");
    if (this.#busy) throw new RefusedError("Another backup is being taken.");
    this.#busy = true;
    const began = performance.now();
    const { data, now, hasCodes } = this.#relay;
    const takenAt = now();
    const snapshot = await upkeep.snapshot();
    try {
      const databases = hasCodes() ? [...snapshot.databases, ADMISSION_DATABASE] : snapshot.databases;
      const { kind: store, format } = upkeep;
      const { files } = snapshot;
      const relay = readRelayVersion();
      const done = await onThread({ data, target, keep, takenAt, relay, store, format, databases, files });
      await noteLastBackup(data, takenAt);
      return { ...done, tookMs: Math.round(performance.now() - began) };
    } finally {
      snapshot.release();
      this.#busy = false;
    }
  }
}

async function onThread(order: BackupOrder): Promise<Omit<BackupReport, "tookMs">> {
  const worker = new Worker(new URL("./backup-thread.ts", import.meta.url), { workerData: order, name: "backup" });
  const message = await new Promise<BackupThreadMessage>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", () => {
      reject(new Error("the backup's thread ended"));
    });
  });
  await worker.terminate();
  switch (message.type) {
    case "done":
      return message.report;
    case "failed":
      if (message.code === undefined) throw new Error("a backup failed", { cause: message.message });
      throw new RefusedError(message.message);
  }
}
