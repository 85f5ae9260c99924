import { toHex } from "@stonechat/protocol";
import type { BurnOutcome } from "../client-api.ts";
import type { CoreContext } from "../context.ts";
import type { Timer } from "../ports/clock.ts";
import type { OpenVault } from "../vault/open-vault.ts";
import { burnPaid } from "./erase.ts";
import type { ExpiringDatabase } from "./expiring-database.ts";
import type { WriteGate } from "./write-gate.ts";

const HOUR_MS = 3_600_000;
/** After something that was due could not be erased, or not all of it. */
const AGAIN_MS = 1_000;

/** What forgetting needs of the core. */
type Forgetful = Pick<CoreContext, "clock" | "emit" | "report" | "started" | "wakeConversation"> & {
  readonly db: ExpiringDatabase;
  readonly vault: Pick<OpenVault, "burn"> | undefined;
  readonly gate: WriteGate;
  /** Deletes local copies of attachments. */
  dropBlobs(blobIds: readonly Uint8Array[]): Promise<void>;
};

/**
 * Lets messages go when their time has come, tells those who show them, and has the vault forget them: once an hour while
 * something has disappeared since, and whenever the host asks.
 */
export class Forgetting {
  readonly #core: Forgetful;
  #expiry: Timer | undefined;
  #hourly: Timer | undefined;
  #drops: Promise<void> = Promise.resolve();
  #burning: Promise<BurnOutcome> | undefined;

  constructor(core: Forgetful) {
    this.#core = core;
    core.db.listen(() => {
      this.#tell();
      this.wake();
    });
  }

  /** Sets the timers anew. Before {@link Core.start} and after its end there are none. */
  wake(): void {
    this.#expiry?.cancel();
    this.#expiry = undefined;
    const { clock, db, report, started } = this.#core;
    if (!started) return;
    const { next, burn } = db.pending;
    if (next !== undefined) {
      // A clock may be set; what it shows is looked at each hour at least.
      const delay = next > db.now ? Math.min(next - db.now, HOUR_MS) : AGAIN_MS;
      this.#expiry = clock.setTimer(delay, () => {
        this.#expiry = undefined;
        if (this.#core.started) this.#look().catch(report);
      });
    }
    if (burn) this.#burnLater();
  }

  stop(): void {
    this.#expiry?.cancel();
    this.#hourly?.cancel();
    this.#hourly = undefined;
  }

  /** After {@link stop}: resolves when nothing is under way any more. */
  async finished(): Promise<void> {
    // Whoever asked for the burn hears of its failure.
    await this.#burning?.catch(() => undefined);
    await this.#drops;
  }

  /** @throws StorageError if something that has disappeared cannot be erased. */
  burn(): Promise<BurnOutcome> {
    this.#burning ??= this.#burn().finally(() => {
      this.#burning = undefined;
    });
    return this.#burning;
  }

  async #burn(): Promise<BurnOutcome> {
    const { db, gate, vault } = this.#core;
    await db.eraseDue();
    await this.#drops;
    const release = gate.hold();
    try {
      return await db.exclusively(async ({ checkpoint, transaction }) => {
        await checkpoint();
        const outcome = vault === undefined ? "deleted" : await vault.burn();
        if (outcome !== "unreachable" && db.pending.burn) await transaction(burnPaid);
        return outcome;
      });
    } finally {
      release();
    }
  }

  /** A transaction looks at the clock before it begins. */
  async #look(): Promise<void> {
    await this.#core.db.transaction(() => undefined);
    this.wake();
  }

  #burnLater(): void {
    this.#hourly ??= this.#core.clock.setTimer(HOUR_MS, () => {
      this.#hourly = undefined;
      if (!this.#core.started) return;
      this.burn()
        .catch(this.#core.report)
        .finally(() => {
          this.wake();
        });
    });
  }

  #tell(): void {
    const { db, emit } = this.#core;
    for (const { conversations, blobs } of db.takeErased()) {
      this.#drops = this.#drops.then(() => this.#core.dropBlobs(blobs)).catch(this.#core.report);
      for (const { row, groupId, messageIds } of conversations) {
        emit({ type: "messages-changed", conversationId: toHex(groupId), messageIds: messageIds.map(toHex) });
        // It may have been what others waited behind.
        this.#core.wakeConversation(row);
      }
      emit({ type: "conversations-changed" });
    }
  }
}
