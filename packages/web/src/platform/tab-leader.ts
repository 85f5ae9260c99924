/** Only one tab may run the core. The lock says which; a channel asks its holder to hand it over. */
const LOCK_NAME = "stonechat-core";
const CHANNEL_NAME = "stonechat-tabs";
const HANDOVER_TIMEOUT_MS = 4_000;

export interface Leadership {
  /** Resolves when another tab took over; the core must be gone by then, or it is cut off. */
  readonly lost: Promise<void>;
  /** Gives the lock back. */
  release(): void;
}

/** Takes the lock if no tab has it, else gives `undefined`. */
export async function tryLead(onAsked: () => Promise<void>): Promise<Leadership | undefined> {
  return hold({ ifAvailable: true }, onAsked);
}

/** Asks the tab that leads to stop, and takes the lock; by force if it does not answer. */
export async function takeLead(onAsked: () => Promise<void>): Promise<Leadership | undefined> {
  const channel = new BroadcastChannel(CHANNEL_NAME);
  channel.postMessage("use-here");
  channel.close();
  try {
    return await hold({ signal: AbortSignal.timeout(HANDOVER_TIMEOUT_MS) }, onAsked);
  } catch {
    // The timeout: that tab is frozen or broken.
    return hold({ steal: true }, onAsked);
  }
}

/** Without Web Locks (very old browsers) every tab leads, and the database's own lock decides. */
function hold(options: LockOptions, onAsked: () => Promise<void>): Promise<Leadership | undefined> {
  if (!("locks" in navigator))
    return Promise.resolve({ lost: Promise.withResolvers<void>().promise, release: () => undefined });
  const granted = Promise.withResolvers<Leadership | undefined>();
  const released = Promise.withResolvers<void>();
  const lost = Promise.withResolvers<void>();
  const finished = navigator.locks.request(LOCK_NAME, options, async (lock) => {
    if (lock === null) {
      granted.resolve(undefined);
      return;
    }
    const channel = new BroadcastChannel(CHANNEL_NAME);
    channel.addEventListener("message", ({ data }) => {
      if (data !== "use-here") return;
      channel.close();
      void onAsked().finally(released.resolve);
    });
    granted.resolve({ lost: lost.promise, release: released.resolve });
    await released.promise;
  });
  finished.then(
    () => {
      lost.resolve();
    },
    (error: unknown) => {
      lost.resolve(); // stolen
      granted.reject(error); // or never granted
    },
  );
  return granted.promise;
}
