import { ClientError } from "../../client-error.ts";
import { StorageError } from "../../ports/storage-error.ts";
import type { GuardsView, NewVault, SecretJudgement, VaultMode, VaultStatus } from "../../vault-api.ts";
import { Container } from "../container/index.ts";
import type { OpenVault, VaultBytes, VaultDoor } from "../open-vault.ts";
import { createVault } from "./create-vault.ts";
import type { ReadyDevice } from "./device-record.ts";
import { DeviceStore } from "./device-store.ts";
import { fetchGuards, toGuardsView, viewOfPinned } from "./guards-view.ts";
import { judgeSecret, proposePassphrase, proposePin } from "./judge-secret.ts";
import { CONTAINER_FILE, type DoorPorts } from "./ports.ts";
import { importVault } from "./travel.ts";
import { unlockVault, type Unlocked } from "./unlock-vault.ts";
import { wipeVault } from "./wipe-vault.ts";

/** The door of the profile whose files these are. */
export function createVaultDoor(ports: DoorPorts): VaultDoor {
  return new Door(ports);
}

class Door implements VaultDoor {
  readonly #ports: DoorPorts;
  readonly #store: DeviceStore;

  constructor(ports: DoorPorts) {
    this.#ports = ports;
    this.#store = new DeviceStore(ports.files, ports.random);
  }

  async status(): Promise<VaultStatus> {
    const state = await this.#store.read();
    if (state?.type === "wiping") {
      await wipeVault(this.#ports, this.#store, true);
      return { type: "absent" };
    }
    const hasContainer = await this.#ports.files.exists(CONTAINER_FILE);
    if (state === undefined && hasContainer) return { type: "damaged" };
    if (state === undefined) {
      // What a wipe may have left at its last step.
      await this.#store.destroy();
      return { type: "absent" };
    }
    if (state.type === "creating") return { type: "absent" };
    if (!hasContainer || !(await this.#canOpen())) return { type: "damaged" };
    const { mode, guards } = state;
    return { type: "locked", mode, guards: guards === undefined ? undefined : viewOfPinned(guards) };
  }

  async offeredGuards(relayUrl: string): Promise<GuardsView | undefined> {
    const listed = await fetchGuards(this.#ports.guardTransport, relayUrl);
    return listed === undefined ? undefined : toGuardsView(listed);
  }

  proposePin(): string {
    return proposePin(this.#ports.random);
  }

  proposePassphrase(): string {
    return proposePassphrase(this.#ports.random);
  }

  judgeSecret(mode: VaultMode, secret: string): SecretJudgement {
    return judgeSecret(mode, secret);
  }

  async create(input: NewVault): Promise<OpenVault> {
    await this.#requireAbsent();
    return createVault(this.#ports, this.#store, input);
  }

  async unlock(secret: string): Promise<Unlocked> {
    const device = await this.#ready();
    if (device === undefined) return { result: { type: "wrong" }, vault: undefined };
    return unlockVault(this.#ports, this.#store, device, secret);
  }

  async wipe(): Promise<{ readonly guardsReached: number; readonly guards: number }> {
    return wipeVault(this.#ports, this.#store, true);
  }

  async forget(): Promise<void> {
    await wipeVault(this.#ports, this.#store, false);
  }

  async importFrom(source: VaultBytes): Promise<void> {
    await this.#requireAbsent();
    await importVault(this.#ports, this.#store, source);
  }

  async #ready(): Promise<ReadyDevice | undefined> {
    const state = await this.#store.read();
    return state?.type === "ready" ? state : undefined;
  }

  async #requireAbsent(): Promise<void> {
    const { type } = await this.status();
    if (type !== "absent") throw new ClientError("vault-exists");
  }

  /** Whether the container is long enough to try; more cannot be told. */
  async #canOpen(): Promise<boolean> {
    const file = await this.#ports.files.open(CONTAINER_FILE);
    try {
      Container.open(file, this.#ports.random, this.#ports.sizes).close();
      return true;
    } catch (error) {
      if (error instanceof StorageError && error.code === "corrupt") return false;
      throw error;
    } finally {
      file.close();
    }
  }
}
