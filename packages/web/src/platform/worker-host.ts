import { forgetTrail } from "../app/router.ts";
import { createCoreState, type CoreHost, type CoreState } from "./core-host.ts";
import { keepVaultMark, readVaultMark } from "./preferences.ts";
import { createRemoteClient, OpenError, type RemoteClient } from "./remote-client.ts";
import { dismissAll } from "../state/notices.ts";
import { coreWorkerScript } from "./script-urls.ts";
import { askToPersist } from "./storage.ts";
import { takeLead, tryLead, type Leadership } from "./tab-leader.ts";

/** A burn that takes longer is given up: keys leave memory now. It is tried again after the next unlocking. */
const BURN_PATIENCE_MS = 5_000;

/** The vault and its core in a dedicated worker, in one tab at a time. */
export function createWorkerHost(): CoreHost {
  return new WorkerHost();
}

interface Running {
  readonly worker: Worker;
  readonly remote: RemoteClient;
}

class WorkerHost implements CoreHost {
  readonly door: CoreHost["door"];
  readonly onState: CoreHost["onState"];
  readonly #state = createCoreState();
  #leading: Leadership | undefined;
  #running: Running | undefined;

  constructor() {
    this.onState = this.#state.on;
    this.door = this.#toDoor();
    void tryLead(() => this.#leave()).then((leadership) => this.#lead(leadership));
  }

  useHere(): void {
    this.#state.set({ type: "opening" });
    void takeLead(() => this.#leave()).then((leadership) => this.#lead(leadership));
  }

  async lock({ burn }: { readonly burn: boolean }): Promise<void> {
    if (this.#state.get().type !== "open") return;
    // First of all nothing is shown, and nothing remembers what was.
    this.#show({ type: "opening" });
    if (burn) await soon(this.#remote().door.close());
    this.#terminate();
    await this.#standBefore();
  }

  async visitDecoy(): Promise<void> {
    this.#show({ type: "opening" });
    try {
      await this.#remote().door.visitDecoy();
      await this.#opened();
    } catch (error) {
      this.#terminate();
      await this.#standBefore();
      throw error;
    }
  }

  wipe(): Promise<void> {
    return this.#emptied(() => this.#remote().door.wipe());
  }

  leaveForTravel(): Promise<void> {
    return this.#emptied(() => this.#remote().door.forget());
  }

  async restoreTravel(...[input, onProgress]: Parameters<CoreHost["restoreTravel"]>): Promise<void> {
    const remote = this.#remote();
    remote.onProgress = onProgress;
    await remote.door.restoreTravel(input);
    this.#state.set(await stateOf(remote));
  }

  /** What asks the worker as it is; opening a vault also changes the state. */
  #toDoor(): CoreHost["door"] {
    const door = (): RemoteClient["door"] => this.#remote().door;
    return {
      offeredGuards: () => door().offeredGuards(),
      proposeSecret: (mode) => door().proposeSecret(mode),
      judgeSecret: (mode, secret) => door().judgeSecret(mode, secret),
      shuffledDigits: () => door().shuffledDigits(),
      beginRehearsal: (pin, duressPin) => door().beginRehearsal(pin, duressPin),
      tryRehearsal: (pin) => door().tryRehearsal(pin),
      endRehearsal: () => door().endRehearsal(),
      create: async (input) => {
        await door().create(input);
        void askToPersist();
        await this.#opened();
      },
      unlock: async (secret) => {
        const result = await door().unlock(secret);
        if (result.type === "opened") await this.#opened();
        return result;
      },
    };
  }

  /** The worker that stands before the vault. @throws RangeError if there is none: our mistake. */
  #remote(): RemoteClient {
    if (this.#running === undefined) throw new RangeError("no worker");
    return this.#running.remote;
  }

  /** Whatever it was doing: the files stand a crash at any moment, and keys are gone with the process's memory. */
  #terminate(): void {
    this.#running?.remote.end();
    this.#running?.worker.terminate();
    this.#running = undefined;
  }

  async #standBefore(): Promise<void> {
    const worker = new Worker(coreWorkerScript(), { type: "module", name: "core" });
    const begun: Running = { worker, remote: createRemoteClient(worker) };
    this.#running = begun;
    worker.addEventListener("error", () => {
      if (this.#running === begun && this.#state.get().type === "opening")
        this.#state.set({ type: "failed", reason: "internal" });
    });
    try {
      await begun.remote.ready;
      const found = await stateOf(begun.remote);
      if (this.#running === begun) this.#state.set(found);
    } catch (error) {
      if (this.#running !== begun) return;
      this.#terminate();
      this.#leading?.release();
      this.#state.set({ type: "failed", reason: error instanceof OpenError ? error.reason : "internal" });
    }
  }

  async #opened(): Promise<void> {
    const { client } = this.#remote();
    await client.start();
    keepVaultMark(true);
    this.#state.set({ type: "open", client });
  }

  async #lead(leadership: Leadership | undefined): Promise<void> {
    if (leadership === undefined) {
      this.#state.set({ type: "elsewhere" });
      return;
    }
    this.#leading = leadership;
    void leadership.lost.then(() => this.#leave());
    await this.#standBefore();
  }

  /** Another tab takes over. */
  async #leave(): Promise<void> {
    if (this.#running === undefined) return;
    const open = this.#state.get().type === "open";
    this.#show({ type: "elsewhere" });
    if (open) await soon(this.#remote().client.close());
    this.#terminate();
  }

  /** Ends what stands before the files, and looks anew at what is left of them. */
  async #emptied(work: () => Promise<void>): Promise<void> {
    this.#show({ type: "opening" });
    // First: what is cut short here is finished at the next start, and was not the browser's doing.
    keepVaultMark(false);
    try {
      await work();
    } finally {
      this.#terminate();
      await this.#standBefore();
    }
  }

  /** Shows something else in place of the app: nothing of before stays on the page or can be gone back to. */
  #show(state: CoreState): void {
    this.#state.set(state);
    forgetTrail();
    dismissAll();
  }
}

async function stateOf({ door }: RemoteClient): Promise<CoreState> {
  const status = await door.status();
  switch (status.type) {
    case "absent":
      return { type: "absent", evicted: readVaultMark() };
    case "locked":
      return { type: "locked", status };
    case "damaged":
      return { type: "damaged" };
  }
}

/** Waits for `work`, but not for long, and whatever comes of it. */
async function soon(work: Promise<unknown>): Promise<void> {
  await Promise.race([
    work.catch(() => undefined),
    new Promise((resolve) => {
      setTimeout(resolve, BURN_PATIENCE_MS);
    }),
  ]);
}
