import { lstat } from "node:fs/promises";
import { ClientError, type Client } from "@stonechat/core";
import { refuse } from "../failure.ts";
import type { Host } from "../host.ts";
import type { Backend } from "./backend.ts";
import { createOwnBackend } from "./own-backend.ts";
import { prepareProfileFolder, type ProfilePaths } from "./profile-folder.ts";
import { tryLock, type ProfileLock } from "./profile-lock.ts";
import { serveProfile } from "./profile-server.ts";
import { connectBackend } from "./remote-backend.ts";
import { SharedClient } from "./shared-client.ts";

/** How long a holder that neither answers nor ends is waited for. */
const PATIENCE_MS = 10_000;
const PAUSE_MS = 50;

/** The way from a command to its profile. */
export interface ProfileDoor {
  readonly paths: ProfilePaths;
  /** Resolves with the reason when an opened profile was lost: its holder ended and nobody could take over. */
  readonly lost: Promise<Error>;
  /**
   * Opens the core, in this process or through the one that has it open.
   *
   * @throws ClientError `no-account` if the profile has none; {@link CliFailure} if the folder may not be used or its
   *   holder does not answer.
   */
  open(): Promise<Client>;
  /** Like {@link ProfileDoor.open}, for `init`: makes the folder, and an account need not be there. */
  create(): Promise<Client>;
  /** Closes what was opened. Other processes that used our core are answered first. */
  close(): Promise<void>;
}

/** The door to the profile at `paths`. Nothing is opened or made before it is asked for. */
export function createProfileDoor(host: Host, paths: ProfilePaths): ProfileDoor {
  const shared = new SharedClient(() => openBackend(host, paths));
  return {
    paths,
    lost: shared.lost,
    async open() {
      if (!(await exists(paths.home))) throw new ClientError("no-account");
      await prepareProfileFolder(paths.home);
      await shared.connect();
      const client = shared.asClient();
      if ((await client.account()) === undefined) throw new ClientError("no-account");
      return client;
    },
    async create() {
      await prepareProfileFolder(paths.home);
      await shared.connect();
      return shared.asClient();
    },
    close: () => shared.close(),
  };
}

async function openBackend(host: Host, paths: ProfilePaths): Promise<Backend> {
  const deadline = host.now() + PATIENCE_MS;
  for (;;) {
    const lock = tryLock(paths.lock);
    if (lock !== undefined) return await hold(host, paths, lock);
    const remote = await connectBackend(paths.socket);
    if (remote !== undefined) return remote;
    if (host.now() >= deadline || host.interrupted.aborted) {
      throw refuse(
        "Another stonechat is using this profile and does not answer. End it, or choose another folder with --home DIR.",
      );
    }
    await host.delay(PAUSE_MS, host.interrupted);
  }
}

async function hold(host: Host, paths: ProfilePaths, lock: ProfileLock): Promise<Backend> {
  try {
    const client = await host.openCore(paths.home);
    const own = createOwnBackend(client);
    try {
      const server = await serveProfile(own, paths.socket, host);
      return {
        ...own,
        async close() {
          await server.close();
          await own.close();
          lock.release();
        },
      };
    } catch (error) {
      await own.close();
      throw error;
    }
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}
