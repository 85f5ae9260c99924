import {
  ClientError,
  createClient,
  createHttpBlobTransport,
  createRehearsalDoor,
  createRelayedGuards,
  createRevokeRecord,
  createVaultDoor,
  restoreTravel,
  StorageError,
  systemRandom,
  type Client,
  type OpenVault,
  type VaultDoor,
} from "@stonechat/core";
import type { OpenFailure, WorkerMessage } from "./client-protocol.ts";
import type { Door, RehearsalResult } from "./door.ts";
import { openOpfsBlockFiles } from "./opfs-block-files.ts";
import type { Served } from "./serve-client.ts";
import { webClock } from "./web-clock.ts";
import { webFiles } from "./web-files.ts";
import { createWebHttp } from "./web-http.ts";
import { loadWebSqlite } from "./web-sqlite.ts";
import { webTransport } from "./web-transport.ts";

const FOLDER = "vault";
/** A worker that was just ended gives its files back a moment later. */
const BUSY_TRIES = 12;
const BUSY_WAIT_MS = 250;

type Post = (message: WorkerMessage) => void;

/**
 * Stands before this browser's vault.
 *
 * @throws StorageError `busy` if another tab keeps the files, `io` if the browser gives this page no storage.
 */
export async function openWorkerVault(post: Post): Promise<Served> {
  const files = await openOpfsBlockFiles(FOLDER);
  const random = systemRandom();
  const http = createWebHttp();
  const doorPorts = { clock: webClock, random, guardTransport: createRelayedGuards(http) };
  const door = createVaultDoor({ ...doorPorts, files });
  await patiently(() => door.status());
  return new WorkerVault(post, door, { ...doorPorts, http });
}

/** What both the vault and the client stand on. */
type Ports = Pick<Parameters<typeof createClient>[0], "clock" | "random" | "http"> &
  Pick<Parameters<typeof createVaultDoor>[0], "guardTransport">;

/** An open vault and the client on it. */
interface Opened {
  readonly vault: OpenVault;
  readonly client: Client;
}

/** One vault and what the page asks of it. */
class WorkerVault implements Served {
  readonly door: Door;
  readonly #post: Post;
  readonly #vaultDoor: VaultDoor;
  readonly #ports: Ports;
  /** Loading it takes longer than anybody needs to type a secret. */
  readonly #sqlite = loadWebSqlite();
  #opened: Opened | undefined;
  #rehearsal: VaultDoor | undefined;

  constructor(post: Post, door: VaultDoor, ports: Ports) {
    this.#post = post;
    this.#vaultDoor = door;
    this.#ports = ports;
    this.door = this.#toDoor();
    // Who opens a vault hears of a failure.
    this.#sqlite.catch(() => undefined);
  }

  client(): Client {
    if (this.#opened === undefined) throw new ClientError("bad-value");
    return this.#opened.client;
  }

  #toDoor(): Door {
    const door = this.#vaultDoor;
    return {
      status: () => door.status(),
      offeredGuards: () => door.offeredGuards(self.location.origin),
      proposeSecret: (mode) => Promise.resolve(mode === "pin" ? door.proposePin() : door.proposePassphrase()),
      judgeSecret: (mode, secret) => Promise.resolve(door.judgeSecret(mode, secret)),
      shuffledDigits: () => Promise.resolve(shuffledDigits(this.#ports.random)),
      create: async (input) => {
        await this.#serve(await door.create(input));
      },
      unlock: async (secret) => {
        const { result, vault } = await door.unlock(secret);
        if (vault !== undefined) await this.#serve(vault);
        return result;
      },
      visitDecoy: async () => {
        const { client, vault } = this.#take();
        await client.close();
        await this.#serve(await vault.visitDecoy());
      },
      close: () => this.#close(),
      wipe: async () => {
        await this.#end();
        await door.wipe();
      },
      forget: async () => {
        await this.#end();
        await door.forget();
      },
      restoreTravel: async (input) => {
        const blobs = createHttpBlobTransport(this.#ports.http);
        await restoreTravel({ ...this.#ports, blobs }, door, input, (done, total) => {
          this.#post({ type: "progress", done, total });
        });
      },
      beginRehearsal: (pin, duressPin) => this.#beginRehearsal(pin, duressPin),
      tryRehearsal: (pin) => this.#tryRehearsal(pin),
      endRehearsal: () => this.#endRehearsal(),
    };
  }

  async #serve(vault: OpenVault): Promise<void> {
    try {
      const client = await createClient({
        ...this.#ports,
        vault,
        files: vault.files,
        sqlite: await this.#sqlite,
        filePort: webFiles,
        transport: webTransport,
        revokeRecord: createRevokeRecord(this.#ports),
        // Its errors name operations and codes, never content.
        report: (error: unknown) => {
          console.error(error);
        },
      });
      client.onEvent((event) => {
        this.#post({ type: "event", event });
      });
      this.#opened = { vault, client };
    } catch (error) {
      await vault.close();
      throw error;
    }
  }

  #take(): Opened {
    const opened = this.#opened;
    if (opened === undefined) throw new ClientError("bad-value");
    this.#opened = undefined;
    return opened;
  }

  async #close(): Promise<void> {
    const { client, vault } = this.#take();
    try {
      await client.burn();
      await client.close();
    } finally {
      await vault.close();
    }
  }

  /** Before the files go: nothing in them matters any more. */
  async #end(): Promise<void> {
    if (this.#opened === undefined) return;
    const { client, vault } = this.#take();
    await client.close().catch(() => undefined);
    await vault.close();
  }

  async #beginRehearsal(pin: string, duressPin: string): Promise<void> {
    await this.#endRehearsal();
    const door = createRehearsalDoor(this.#ports);
    this.#rehearsal = door;
    const vault = await door.create({ mode: "pin", relayUrl: self.location.origin, pin, kind: "destroy" });
    try {
      await vault.setDuressPin(duressPin);
    } finally {
      await vault.close();
    }
  }

  async #tryRehearsal(pin: string): Promise<RehearsalResult> {
    if (this.#rehearsal === undefined) throw new ClientError("bad-value");
    const { result, vault } = await this.#rehearsal.unlock(pin);
    if (vault === undefined) return result.type === "wrong" ? "wrong" : "unreachable";
    const { duressPin } = vault.view();
    await vault.settled();
    await vault.close();
    return duressPin ? "real" : "decoy";
  }

  async #endRehearsal(): Promise<void> {
    const door = this.#rehearsal;
    this.#rehearsal = undefined;
    await door?.wipe();
  }
}

/** Fisher and Yates. The bias of a remainder of 2^16 is of no account here. */
function shuffledDigits(random: Ports["random"]): readonly string[] {
  const digits = Array.from({ length: 10 }, (_, digit) => String(digit));
  const lots = new Uint16Array(random.bytes(2 * digits.length).slice().buffer);
  for (let i = digits.length - 1; i > 0; i -= 1) {
    const j = (lots[i] ?? 0) % (i + 1);
    [digits[i], digits[j]] = [digits[j] ?? "", digits[i] ?? ""];
  }
  return digits;
}

async function patiently(work: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await work();
      return;
    } catch (error) {
      if (!(error instanceof StorageError) || error.code !== "busy" || tries === BUSY_TRIES) throw error;
      await new Promise((resolve) => {
        setTimeout(resolve, BUSY_WAIT_MS);
      });
    }
  }
}

/** What to tell the page about why the core could not be opened. */
export function toOpenFailure(error: unknown): OpenFailure {
  if (error instanceof StorageError) {
    switch (error.code) {
      case "busy":
        return "in-use";
      case "newer-version":
        return "newer-version";
      case "full":
      case "corrupt":
      case "io":
        return isRefusedByBrowser(error.cause) ? "unsupported" : "storage";
    }
  }
  return isRefusedByBrowser(error) ? "unsupported" : "internal";
}

function isRefusedByBrowser(error: unknown): boolean {
  return (
    error instanceof Error &&
    (error.name === "SecurityError" || error.name === "NotSupportedError" || error.name === "TypeError")
  );
}
