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

interface Running {
  readonly worker: Worker;
  readonly remote: RemoteClient;
}

/** The vault and its core in a dedicated worker, in one tab at a time. */
export function createWorkerHost(): CoreHost {
  const state = createCoreState();
  let leading: Leadership | undefined;
  let running: Running | undefined;

  /** The worker that stands before the vault. @throws RangeError if there is none: our mistake. */
  const remote = (): RemoteClient => {
    if (running === undefined) throw new RangeError("no worker");
    return running.remote;
  };

  /** Whatever it was doing: the files stand a crash at any moment, and keys are gone with the process's memory. */
  function terminate(): void {
    running?.remote.end();
    running?.worker.terminate();
    running = undefined;
  }

  async function standBefore(): Promise<void> {
    const worker = new Worker(coreWorkerScript(), { type: "module", name: "core" });
    const begun: Running = { worker, remote: createRemoteClient(worker) };
    running = begun;
    worker.addEventListener("error", () => {
      if (running === begun && state.get().type === "opening") state.set({ type: "failed", reason: "internal" });
    });
    try {
      await begun.remote.ready;
      const found = await stateOf(begun.remote);
      if (running === begun) state.set(found);
    } catch (error) {
      if (running !== begun) return;
      terminate();
      leading?.release();
      state.set({ type: "failed", reason: error instanceof OpenError ? error.reason : "internal" });
    }
  }

  async function opened(): Promise<void> {
    const { client } = remote();
    await client.start();
    keepVaultMark(true);
    state.set({ type: "open", client });
  }

  async function lock({ burn }: { readonly burn: boolean }): Promise<void> {
    if (state.get().type !== "open") return;
    // First of all nothing is shown, and nothing remembers what was.
    state.set({ type: "opening" });
    forgetScreens();
    if (burn) await soon(remote().door.close());
    terminate();
    await standBefore();
  }

  async function lead(leadership: Leadership | undefined): Promise<void> {
    if (leadership === undefined) {
      state.set({ type: "elsewhere" });
      return;
    }
    leading = leadership;
    void leadership.lost.then(leave);
    await standBefore();
  }

  /** Another tab takes over. */
  async function leave(): Promise<void> {
    if (running === undefined) return;
    const open = state.get().type === "open";
    state.set({ type: "elsewhere" });
    forgetScreens();
    if (open) await soon(remote().client.close());
    terminate();
  }

  /** Ends what stands before the files, and looks anew at what is left of them. */
  async function emptied(work: () => Promise<void>): Promise<void> {
    state.set({ type: "opening" });
    forgetScreens();
    try {
      await work();
      keepVaultMark(false);
    } finally {
      terminate();
      await standBefore();
    }
  }

  void tryLead(leave).then(lead);
  return {
    onState: state.on,
    useHere() {
      state.set({ type: "opening" });
      void takeLead(leave).then(lead);
    },
    door: {
      offeredGuards: () => remote().door.offeredGuards(),
      proposeSecret: (mode) => remote().door.proposeSecret(mode),
      judgeSecret: (mode, secret) => remote().door.judgeSecret(mode, secret),
      async create(input) {
        await remote().door.create(input);
        void askToPersist();
        await opened();
      },
      async unlock(secret) {
        const result = await remote().door.unlock(secret);
        if (result.type === "opened") await opened();
        return result;
      },
      beginRehearsal: (pin, duressPin) => remote().door.beginRehearsal(pin, duressPin),
      tryRehearsal: (pin) => remote().door.tryRehearsal(pin),
      endRehearsal: () => remote().door.endRehearsal(),
    },
    lock,
    async visitDecoy() {
      state.set({ type: "opening" });
      forgetScreens();
      try {
        await remote().door.visitDecoy();
        await opened();
      } catch (error) {
        terminate();
        await standBefore();
        throw error;
      }
    },
    wipe: () => emptied(() => remote().door.wipe()),
    leaveForTravel: () => emptied(() => remote().door.forget()),
    async restoreTravel(input, onProgress) {
      remote().onProgress = onProgress;
      await remote().door.restoreTravel(input);
      state.set(await stateOf(remote()));
    },
  };
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

/** Nothing that was shown stays on the page or can be gone back to. */
function forgetScreens(): void {
  forgetTrail();
  dismissAll();
}
