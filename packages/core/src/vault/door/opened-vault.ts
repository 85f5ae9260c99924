import { equalSecrets, wipe } from "@stonechat/crypto";
import { ClientError } from "../../client-error.ts";
import type { BlockFiles } from "../../ports/block-files.ts";
import { StorageError } from "../../ports/storage-error.ts";
import { SerialQueue } from "../../sync/serial-queue.ts";
import type { BurnOutcome } from "../../client-views.ts";
import type { VaultView } from "../../vault-api.ts";
import type { Rekeying, Slot } from "../container/index.ts";
import type { Head } from "../lock/head.ts";
import { toRevocation } from "../lock/keys.ts";
import type { OpenVault, VaultBytes } from "../open-vault.ts";
import { viewOfPinned } from "./guards-view.ts";
import { judgeSecret } from "./judge-secret.ts";
import { makeDuress, makeHidden, learnUnlockKey, removeDuress } from "./other-vaults.ts";
import { renew, type NextGeneration, type RenewalOutcome } from "./renewal.ts";
import { loadDecoy, stretchSecret, type Session } from "./session.ts";
import { exportVault } from "./travel.ts";

const KEY_BYTES = 32;
const MAX_WRONG = 3;

/** A vault that a secret opened, or the decoy that the real vault visits: then `session` is the real vault's. */
export class OpenedVault implements OpenVault {
  readonly #session: Session;
  readonly #slot: Slot;
  readonly #visiting: boolean;
  readonly #queue: SerialQueue;
  #background: Promise<unknown> = Promise.resolve();
  #wrong = 0;
  #closed = false;

  constructor(session: Session, slot: Slot, visiting = false, queue = new SerialQueue()) {
    this.#session = session;
    this.#slot = slot;
    this.#visiting = visiting;
    this.#queue = queue;
  }

  get files(): BlockFiles {
    return this.#slot.files;
  }

  view(): VaultView {
    const { device, head, foreignGuesses, guardsReached, container } = this.#session;
    return {
      mode: device.mode,
      kind: device.kind,
      guards: device.guards === undefined ? undefined : viewOfPinned(device.guards),
      duressPin: !this.#visiting && head.duress !== undefined,
      visiting: this.#visiting,
      foreignGuesses,
      guardsReached,
      burntAt: this.#ownHead().burntAt,
      storageBytes: container.fileBytes,
    };
  }

  /** Begins the renewal that follows an unlock. */
  renewInBackground(): void {
    this.#background = this.#queue.run(async () => {
      try {
        await renew(this.#session, this.#unchanged());
      } catch (error) {
        // The disk failed; the next unlock renews again.
        if (!(error instanceof StorageError)) throw error;
      }
    });
    // Whoever asks `settled` hears of it.
    this.#background.catch(() => undefined);
  }

  async settled(): Promise<void> {
    await this.#background;
  }

  burn(): Promise<BurnOutcome> {
    return this.#run(async () => {
      const slotKey = this.#session.ports.random.bytes(KEY_BYTES);
      const rekeying = this.#slot.rekey(slotKey);
      const outcome = await this.#renewOrAbandon(rekeying, (head) => ({
        ...head,
        slotKey,
        burntAt: this.#session.ports.clock.now(),
      }));
      // Without guards nothing forgets: an older copy of the disk opens with the same secret.
      if (this.#session.links.length === 0) return "deleted";
      return outcome.type === "renewed" && outcome.erased ? "burned" : "unreachable";
    });
  }

  changeSecret({ current, next }: { readonly current: string; readonly next: string }): Promise<void> {
    return this.#run(async () => {
      const session = this.#session;
      const { mode } = session.device;
      if (mode === "none" || this.#visiting) throw new ClientError("not-possible");
      if (!(await this.#matches(current))) throw new ClientError("wrong-secret");
      const input = this.#requireNewSecret(next);
      const unlockKey = await learnUnlockKey(session, input);
      const former = { unlockKey: session.unlockKey, until: session.device.generation };
      const head = { ...session.head, former };
      requireRenewed(await renew(session, { ...this.#unchanged(), input, unlockKey, head }));
    });
  }

  async recognises(secret: string): Promise<boolean> {
    if (this.#closed) return false;
    return this.#matches(secret);
  }

  setDuressPin(pin: string | undefined): Promise<void> {
    return this.#run(async () => {
      const session = this.#session;
      const { mode, kind } = session.device;
      if (mode !== "pin" || kind !== "destroy" || this.#visiting) throw new ClientError("not-possible");
      if (pin === undefined) return requireRenewed(await removeDuress(session, this.#unchanged()));
      const input = this.#requireNewSecret(pin);
      requireRenewed(await makeDuress(session, this.#unchanged(), input));
    });
  }

  visitDecoy(): Promise<OpenVault> {
    return this.#run(() => {
      const decoy = this.#visiting ? undefined : loadDecoy(this.#session);
      if (decoy === undefined) throw new ClientError("not-possible");
      const slot = this.#session.container.openSlot(decoy.slot, decoy.head.slotKey);
      if (slot === undefined) throw new StorageError("corrupt", "open slot");
      this.#slot.close();
      this.#closed = true;
      return new OpenedVault(this.#session, slot, true, this.#queue);
    });
  }

  addHidden(pin: string): Promise<void> {
    return this.#run(async () => {
      const session = this.#session;
      if (session.device.mode !== "pin" || session.device.kind !== "conceal") throw new ClientError("not-possible");
      const input = this.#requireNewSecret(pin);
      requireRenewed(await makeHidden(session, this.#unchanged(), input));
    });
  }

  revocations(): readonly { readonly url: string; readonly recordId: Uint8Array; readonly secret: Uint8Array }[] {
    const { device, head } = this.#session;
    return (device.guards?.guards ?? []).map(({ description, recordId }, at) => ({
      url: description.url,
      recordId,
      secret: toRevocation(head.revocationSeed, at + 1),
    }));
  }

  exportSource(): VaultBytes {
    return exportVault(this.#session);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#queue.run(() => {
      this.#slot.close();
      this.#session.container.close();
      wipe(this.#session.unlockKey);
      wipe(this.#session.input);
    });
  }

  /** The head of the vault whose files these are. */
  #ownHead(): Head {
    const { head } = this.#session;
    return this.#visiting ? (loadDecoy(this.#session)?.head ?? head) : head;
  }

  #unchanged(): NextGeneration {
    const session = this.#session;
    return {
      input: session.input,
      unlockKey: session.unlockKey,
      head: session.head,
      decoy: loadDecoy(session),
    };
  }

  async #renewOrAbandon(rekeying: Rekeying, change: (head: Head) => Head): Promise<RenewalOutcome> {
    const next = this.#unchanged();
    const changed =
      this.#visiting && next.decoy !== undefined
        ? { ...next, decoy: { ...next.decoy, head: change(next.decoy.head) } }
        : { ...next, head: change(next.head) };
    let outcome: RenewalOutcome;
    try {
      outcome = await renew(this.#session, changed);
    } catch (error) {
      // Where it is not known which head is in force, both keys must go on to open.
      if (!this.#session.broken) rekeying.abandon();
      throw error;
    }
    if (outcome.type === "renewed") rekeying.commit();
    else rekeying.abandon();
    return outcome;
  }

  /** Stretched, good, and neither this vault's secret nor its duress PIN. @throws ClientError `bad-secret`. */
  #requireNewSecret(secret: string): Uint8Array {
    const { ports, device, input: own, head } = this.#session;
    if (judgeSecret(device.mode, secret) !== "good") throw new ClientError("bad-secret");
    const input = stretchSecret(ports, device, secret);
    const others = [own, ...(head.duress === undefined ? [] : [head.duress.input])];
    if (others.some((other) => equalSecrets(other, input))) throw new ClientError("bad-secret");
    return input;
  }

  async #matches(secret: string): Promise<boolean> {
    const { ports, device, input } = this.#session;
    const matches = device.mode === "none" ? secret === "" : equalSecrets(stretchSecret(ports, device, secret), input);
    this.#wrong = matches ? 0 : this.#wrong + 1;
    // Not waited for: this may itself run in the queue that closing waits for.
    if (this.#wrong >= MAX_WRONG) this.close().catch(() => undefined);
    return matches;
  }

  /** @throws StorageError `io` after the vault was closed, or where nobody knows which device record is on the disk. */
  #run<T>(work: () => Promise<T> | T): Promise<T> {
    return this.#queue.run(() => {
      if (this.#closed) throw new StorageError("io", "use a closed vault");
      if (this.#session.broken) throw new StorageError("io", "change a vault after a failed write");
      return work();
    });
  }
}

function requireRenewed(outcome: RenewalOutcome): void {
  if (outcome.type === "unreachable") throw new ClientError("guards-unreachable");
}
