import { createCoreState, type CoreHost } from "./core-host.ts";
import { createRemoteClient, OpenError, type RemoteClient } from "./remote-client.ts";
import { coreWorkerScript } from "./script-urls.ts";
import { takeLead, tryLead, type Leadership } from "./tab-leader.ts";

/** The core in a dedicated worker, in one tab at a time. */
export function createWorkerHost(): CoreHost {
  const state = createCoreState();
  let running: { readonly worker: Worker; readonly remote: RemoteClient } | undefined;

  async function stop(): Promise<void> {
    const stopping = running;
    running = undefined;
    if (stopping === undefined) return;
    state.set({ type: "elsewhere" });
    try {
      await stopping.remote.client.close();
    } finally {
      stopping.remote.end();
      stopping.worker.terminate();
    }
  }

  async function lead(leadership: Leadership | undefined): Promise<void> {
    if (leadership === undefined) {
      state.set({ type: "elsewhere" });
      return;
    }
    const worker = new Worker(coreWorkerScript(), { type: "module", name: "core" });
    const remote = createRemoteClient(worker);
    running = { worker, remote };
    let opening = true;
    worker.addEventListener("error", () => {
      if (running?.worker === worker && opening) state.set({ type: "failed", reason: "internal" });
    });
    void leadership.lost.then(stop);
    try {
      await remote.ready;
      await remote.client.start();
      opening = false;
      state.set({ type: "open", client: remote.client });
    } catch (error) {
      worker.terminate();
      running = undefined;
      leadership.release();
      state.set({ type: "failed", reason: error instanceof OpenError ? error.reason : "internal" });
    }
  }

  void tryLead(stop).then(lead);
  return {
    onState: state.on,
    useHere() {
      state.set({ type: "opening" });
      void takeLead(stop).then(lead);
    },
  };
}
