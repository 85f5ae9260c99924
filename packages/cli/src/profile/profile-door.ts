import { ClientError, type AccountView, type Client, type PutBackView, type VaultDoor } from "@stonechat/core";
import { refuse } from "../failure.ts";
import type { Host } from "../host.ts";
import type { Backend } from "./backend.ts";
import type { Ending } from "./calls.ts";
import { holdProfile, type Enter, type HeldProfile, type Holding } from "./held-profile.ts";
import { folderIsThere, prepareProfileFolder, type ProfilePaths } from "./profile-folder.ts";
import { tryLock } from "./profile-lock.ts";
import { connectRemote } from "./remote-backend.ts";
import { SharedClient } from "./shared-client.ts";

/** How long a holder that neither answers nor ends is waited for. */
const PATIENCE_MS = 10_000;
const PAUSE_MS = 50;
const FOR_THIS_COMMAND: Holding = { until: undefined, busy: true };

/** How the vault is entered when this process has to do it. */
interface Entering {
  /** Opens it with what is known already. @throws {@link SecretWanted} if that is not enough. */
  readonly enter: Enter;
  /** Gets what was wanted, with the profile free for others meanwhile. @throws {@link CliFailure} if there is no way. */
  provide(wanted: SecretWanted): Promise<void>;
}

/** How a command comes to its profile. */
export interface Entry extends Entering {
  /** Tells the user what they must know of the account before they use it. */
  tell(account: AccountView): Promise<void>;
  /** Tells that a relay was put back to an earlier state, once each time. */
  tellPutBack(putBack: PutBackView): Promise<void>;
}

/** The vault opens only with its secret, which nobody has asked for yet. */
export class SecretWanted extends Error {
  override readonly name = "SecretWanted";
  readonly mode: "pin" | "passphrase";

  constructor(mode: "pin" | "passphrase") {
    super("the secret is wanted");
    this.mode = mode;
  }
}

/** The way from a command to its profile. */
export interface ProfileDoor {
  readonly paths: ProfilePaths;
  /** Resolves with the reason when an opened profile was lost: locked, or its holder ended and nobody could take over. */
  readonly lost: Promise<Error>;
  /**
   * Opens the core, in this process or through the one that has it open.
   *
   * @throws ClientError `no-account` if the profile has none; {@link CliFailure} if it is locked, the folder may not be
   *   used, or its holder does not answer.
   */
  open(): Promise<Client>;
  /** Like {@link ProfileDoor.open}, for `init`: makes the folder, and the vault by `make`; an account need not be there. */
  create(make: (door: VaultDoor) => ReturnType<Enter>): Promise<Client>;
  /** Opens the core in this process, to keep it open for others. Undefined if another process has it. An account need not be there. */
  hold(
    enter: (door: VaultDoor, usual: Enter) => ReturnType<Enter>,
    until: number | undefined,
  ): Promise<Client | undefined>;
  /** Locks what {@link ProfileDoor.hold} opened. */
  lock(how: Ending): Promise<void>;
  /** Closes what was opened. Other processes that used our core are answered first. */
  close(): Promise<void>;
}

/** The door to the profile at `paths`. Nothing is opened or made before it is asked for. */
export function createProfileDoor(host: Host, paths: ProfilePaths, entry: Entry): ProfileDoor {
  let make: Enter | undefined;
  let held: HeldProfile | undefined;
  const enter: Enter = async (door) => {
    const { type } = await door.status();
    if (type !== "absent") return await entry.enter(door);
    if (await folderIsThere(paths.unencrypted)) throw unencrypted();
    if (make === undefined) throw new ClientError("no-account");
    return await make(door);
  };
  const own: Entering = { enter, provide: (wanted) => entry.provide(wanted) };
  const shared = new SharedClient(async () => held ?? (await openBackend(host, paths, own)));
  return {
    paths,
    lost: shared.lost,
    async open() {
      if (!(await folderIsThere(paths.home))) throw new ClientError("no-account");
      await prepareProfileFolder(paths.home);
      await shared.connect();
      const client = shared.asClient();
      const account = await client.account();
      if (account === undefined) throw new ClientError("no-account");
      await entry.tell(account);
      for (const putBack of await client.putBacks()) {
        if (putBack.acknowledged) continue;
        await entry.tellPutBack(putBack);
        await client.acknowledgePutBack(putBack.relayUrl);
      }
      return client;
    },
    async create(making) {
      make = making;
      await prepareProfileFolder(paths.home);
      await shared.connect();
      make = undefined;
      return shared.asClient();
    },
    async hold(entering, until) {
      if (!(await folderIsThere(paths.home))) throw new ClientError("no-account");
      await prepareProfileFolder(paths.home);
      held = await openHere(host, paths, { ...own, enter: (door) => entering(door, enter) }, { until, busy: false });
      if (held === undefined) return undefined;
      await shared.connect();
      return shared.asClient();
    },
    async lock(how) {
      await held?.lock(how);
    },
    close: () => shared.close(),
  };
}

async function openBackend(host: Host, paths: ProfilePaths, entry: Entering): Promise<Backend> {
  const deadline = host.now() + PATIENCE_MS;
  for (;;) {
    const held = await openHere(host, paths, entry, FOR_THIS_COMMAND);
    if (held !== undefined) return held;
    const remote = await connectRemote(paths.socket);
    if (remote !== undefined) return remote.backend;
    if (host.now() >= deadline || host.interrupted.aborted) throw noAnswer();
    await host.delay(PAUSE_MS, host.interrupted);
  }
}

/** Undefined if another process has the profile. Nobody waits for the lock while a person types. */
async function openHere(
  host: Host,
  paths: ProfilePaths,
  entry: Entering,
  holding: Holding,
): Promise<HeldProfile | undefined> {
  for (;;) {
    const lock = tryLock(paths.lock);
    if (lock === undefined) return undefined;
    try {
      return await holdProfile(host, paths, lock, entry.enter, holding);
    } catch (error) {
      if (!(error instanceof SecretWanted)) throw error;
      await entry.provide(error);
    }
  }
}

/** Another process holds the profile and does not speak to us. */
export function noAnswer(): Error {
  return refuse(
    "Another stonechat is using this profile and does not answer. End it, or choose another folder with --home DIR.",
  );
}

function unencrypted(): Error {
  return refuse(
    "The profile in this folder was made before there was a vault, and lies there unencrypted. This version does not open it. Destroy it with: stonechat wipe, or choose another folder with --home DIR.",
  );
}
