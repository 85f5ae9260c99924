import type { OpenVault, VaultDoor } from "@stonechat/core";
import { lockedFailure } from "../failure.ts";
import type { Host, VaultFolder } from "../host.ts";
import type { Backend } from "./backend.ts";
import type { Ending } from "./calls.ts";
import { createOwnBackend } from "./own-backend.ts";
import type { ProfilePaths } from "./profile-folder.ts";
import type { ProfileLock } from "./profile-lock.ts";
import { serveProfile, type ProfileServer } from "./profile-server.ts";

/** How long a lock waits for the burn before it: guards may be out of reach, and a lock that hangs is none. */
const BURN_PATIENCE_MS = 10_000;

/** Opens the vault behind the door, or makes it. What it throws ends the attempt, and everything is given back. */
export type Enter = (door: VaultDoor) => Promise<OpenVault>;

/** For whom a profile is held. */
export interface Holding {
  /** See {@link Holder.until}. */
  readonly until: number | undefined;
  /** See {@link Holder.busy}. */
  readonly busy: boolean;
}

/** The profile's core, open in this process and served to others. */
export interface HeldProfile extends Backend {
  /** Locks the profile: burns what is due or not, tells everybody, closes. A second call waits for the first. */
  lock(how: Ending): Promise<void>;
}

/** Opens the core with the profile's lock in hand, which goes back to the system when this is closed or fails. */
export async function holdProfile(
  host: Host,
  paths: ProfilePaths,
  lock: ProfileLock,
  enter: Enter,
  holding: Holding,
): Promise<HeldProfile> {
  const opened: (() => Promise<void> | void)[] = [
    () => {
      lock.release();
    },
  ];
  const giveBack = async (): Promise<void> => {
    const failures: unknown[] = [];
    for (const close of opened.splice(0).reverse()) {
      try {
        await close();
      } catch (error) {
        // The rest, and the keys first of all, must be given back all the same.
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  };
  try {
    const folder: VaultFolder = await host.openVaultFolder(paths.home, false);
    opened.push(() => {
      folder.close();
    });
    const vault = await enter(folder.door);
    opened.push(() => vault.close());
    const client = await host.openCore(vault);
    const own = createOwnBackend(client);
    opened.push(() => own.close());
    const held = new Held(host, own, giveBack);
    await held.serve(paths, holding);
    return held;
  } catch (error) {
    await giveBack();
    throw error;
  }
}

class Held implements HeldProfile {
  readonly gone: Promise<"ended" | "locked">;
  readonly #host: Host;
  readonly #own: Backend;
  readonly #giveBack: () => Promise<void>;
  #server: ProfileServer | undefined;
  #closing: Promise<void> | undefined;
  #locking = false;
  #tell: (how: "locked") => void = () => undefined;

  constructor(host: Host, own: Backend, giveBack: () => Promise<void>) {
    this.#host = host;
    this.#own = own;
    this.#giveBack = giveBack;
    this.gone = new Promise((resolve) => {
      this.#tell = resolve;
    });
  }

  async serve(paths: ProfilePaths, { until, busy }: Holding): Promise<void> {
    this.#server = await serveProfile(this, paths.socket, this.#host, {
      holder: { pid: process.pid, until: until ?? null, busy },
      onEnd: (how) => {
        // Whoever asked looks whether the lock of the system is free, and ends this process if not.
        this.lock(how).catch(() => undefined);
      },
    });
  }

  async call(...[method, args]: Parameters<Backend["call"]>): Promise<unknown> {
    if (this.#locking) throw lockedFailure();
    return await this.#own.call(method, args);
  }

  onEvent(...[listener]: Parameters<Backend["onEvent"]>): () => void {
    return this.#own.onEvent(listener);
  }

  async close(): Promise<void> {
    this.#closing ??= this.#end(async () => {
      await this.#server?.close();
    });
    await this.#closing;
  }

  async lock(how: Ending): Promise<void> {
    this.#closing ??= this.#end(async () => {
      this.#locking = true;
      if (how === "burn") await this.#burn();
      await this.#server?.lock();
    });
    try {
      await this.#closing;
    } finally {
      this.#tell("locked");
    }
  }

  async #end(stopServing: () => Promise<void>): Promise<void> {
    try {
      await stopServing();
    } finally {
      await this.#giveBack();
    }
  }

  /** What cannot be burnt now is burnt at the next opportunity; a failing burn must not keep the vault open. */
  async #burn(): Promise<void> {
    const stop = new AbortController();
    const burnt = this.#own.call("burn", []).catch(() => undefined);
    await Promise.race([burnt, this.#host.delay(BURN_PATIENCE_MS, stop.signal)]);
    stop.abort();
  }
}
