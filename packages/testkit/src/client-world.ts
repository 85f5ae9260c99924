import {
  createClient,
  type BlockFiles,
  type Client,
  type ClientEvent,
  type ClientPorts,
  type FilePort,
  type Http,
  type HttpResponse,
  type Transport,
} from "@stonechat/core";
import { initCrypto } from "@stonechat/crypto";
import type { RunId } from "@stonechat/protocol";
import {
  createBlobHandlers,
  createRelayService,
  MemoryBlobStore,
  MemoryLineage,
  MemoryLogStore,
  MemoryPoolStore,
  openAdmission,
  type BlobHandlers,
  type Connection,
  type RelayService,
} from "@stonechat/relay";
import { ManualClock } from "./manual-clock.ts";
import { MemoryBlockFiles } from "./memory-block-files.ts";
import { memorySource, type MemorySink } from "./memory-files.ts";
import { repeatableRandom } from "./repeatable-random.ts";
import { testSqlite } from "./test-sqlite.ts";

const LIMITS = { logQuotaBytes: 100_000_000, commitHeadroomBytes: 10_000_000 };
const GIB = 1024 ** 3;
const START_MS = 1000;
export const WORLD_URL = "http://localhost:1";

/** What a relay keeps, as it was at one moment. */
export interface RelayCopy {
  readonly store: MemoryLogStore;
  readonly pools: MemoryPoolStore;
  readonly lineage: MemoryLineage;
}

/** A client under test and what it told its host. */
export interface Person {
  readonly client: Client;
  readonly events: ClientEvent[];
  readonly files: BlockFiles;
  readonly failures: unknown[];
}

/**
 * A real relay service and real clients in one process, with a clock that is moved by hand and a network that only
 * delivers. For behaviour; faults are the simulator's.
 */
export class ClientWorld {
  readonly clock = new ManualClock();
  service: RelayService;
  store = new MemoryLogStore(LIMITS);
  /** While false, nobody can connect and open sockets are closed. */
  reachable = true;
  readonly #blobs: BlobHandlers;
  readonly #sockets = new Set<() => void>();
  readonly #runs = repeatableRandom("runs of the relay");
  #pools = new MemoryPoolStore();
  #lineage: MemoryLineage | undefined;
  #people = 0;

  /** @param lineage - Whether the relay keeps one. Default: it does not, as relays before it. */
  constructor(lineage = false) {
    const clock = { now: () => this.clock.now() };
    if (lineage) this.#lineage = new MemoryLineage();
    this.service = this.#serve();
    this.#blobs = createBlobHandlers({
      blobs: new MemoryBlobStore({ totalBytes: GIB }),
      admission: openAdmission,
      clock,
      counters: this.service.counters,
      maxBlobBytes: GIB,
      retentionSeconds: 30 * 86_400,
    });
  }

  /** What the relay does once a minute when something was stored. */
  async mark(): Promise<void> {
    await this.#lineage?.mark(this.clock.now());
  }

  copyRelay(): RelayCopy {
    return {
      store: this.store.copy(),
      pools: this.#pools.copy(),
      lineage: this.#lineage?.copy() ?? new MemoryLineage(),
    };
  }

  emptyRelay(): RelayCopy {
    return { store: new MemoryLogStore(LIMITS), pools: new MemoryPoolStore(), lineage: new MemoryLineage() };
  }

  /** The relay ends and starts again some time later, on what it has or on a copy of what it had. */
  restartRelay(copy?: RelayCopy): void {
    this.service.stop();
    this.cut();
    this.clock.advance(START_MS);
    if (copy !== undefined) {
      this.store = copy.store.copy();
      this.#pools = copy.pools.copy();
      if (this.#lineage !== undefined) this.#lineage = copy.lineage.copy();
    }
    this.service = this.#serve();
    this.reachable = true;
  }

  #serve(): RelayService {
    const clock = { now: () => this.clock.now() };
    const stores = { store: this.store, pools: this.#pools, lineage: this.#lineage };
    // The brand stands for the length. Settled before the first frame can be answered.
    void this.#lineage?.begin(this.#runs.bytes(16) as RunId, clock.now());
    return createRelayService({ ...stores, clock, log: () => undefined });
  }

  /** Opens a profile; the same `files` open the same one again. */
  async open(files: BlockFiles = new MemoryBlockFiles(1), ports: Partial<ClientPorts> = {}): Promise<Person> {
    await initCrypto();
    this.#people += 1;
    const failures: unknown[] = [];
    const client = await createClient({
      files,
      filePort: memoryFilePort,
      clock: this.clock,
      random: repeatableRandom(`person ${String(this.#people)}`),
      transport: this.transport(),
      http: this.http(),
      sqlite: await testSqlite(),
      report: (error) => {
        failures.push(error);
      },
      ...ports,
    });
    const events: ClientEvent[] = [];
    client.onEvent((event) => {
      events.push(event);
    });
    await client.start();
    return { client, events, files, failures };
  }

  /** Opens a new profile with an account. */
  async join(name: string, ports: Partial<ClientPorts> = {}): Promise<Person> {
    const person = await this.open(undefined, ports);
    await this.until(person.client.createAccount({ name, relayUrl: WORLD_URL, deviceName: "test" }));
    return person;
  }

  /** Makes two people contacts of each other. @returns Their conversation. */
  async connect(a: Person, b: Person): Promise<string> {
    const { link } = await this.until(a.client.createInvite({ reusable: false, expiresInMs: 3_600_000 }));
    await this.until(b.client.acceptInvite(link));
    await this.settle(a, b);
    const [request] = await a.client.requests();
    if (request === undefined) throw new RangeError("no request came");
    const { conversationId } = await this.until(a.client.acceptRequest(request.id));
    await this.settle(a, b, a, b);
    return conversationId;
  }

  /** Lets everybody send and take in what there is. */
  async settle(...people: readonly Person[]): Promise<void> {
    for (const { client } of [...people, ...people]) await this.until(client.settle(60_000));
  }

  /** Moves the clock until `work` is done. */
  until<T>(work: Promise<T>): Promise<T> {
    return this.clock.runUntil(work);
  }

  cut(): void {
    this.reachable = false;
    for (const close of [...this.#sockets]) close();
  }

  transport(): Transport {
    return {
      canReach: () => true,
      openSocket: (_url, events) => {
        let connection: Connection | undefined;
        let open = true;
        const end = (code: number): void => {
          if (!open) return;
          open = false;
          this.#sockets.delete(lose);
          connection?.closed();
          queueMicrotask(() => {
            events.onClose(code);
          });
        };
        const lose = (): void => {
          end(1006);
        };
        this.#sockets.add(lose);
        queueMicrotask(() => {
          if (!open) return;
          if (!this.reachable) {
            lose();
            return;
          }
          connection = this.service.connect({
            send: (frame) => {
              const copy = frame.slice();
              queueMicrotask(() => {
                if (open) events.onFrame(copy);
              });
            },
            pendingBytes: () => 0,
            close: end,
            pause: () => undefined,
            resume: () => undefined,
          });
          events.onOpen();
        });
        return {
          send: (frame) => {
            const copy = frame.slice();
            queueMicrotask(() => {
              if (open) connection?.receive(copy);
            });
          },
          close: () => {
            open = false;
            this.#sockets.delete(lose);
            connection?.closed();
          },
        };
      },
    };
  }

  http(): Http {
    const handlers = { POST: "announce", PATCH: "write", HEAD: "status", GET: "read", DELETE: "remove" } as const;
    return {
      request: async ({ method, url, headers, body }): Promise<HttpResponse | undefined> => {
        if (!this.reachable) return undefined;
        const request = new Request(url, {
          method,
          headers: { ...headers },
          ...(body === undefined ? {} : { body: body.slice() }),
        });
        const response = await this.#blobs[handlers[method]](new URL(url).pathname.split("/").at(-1) ?? "", request);
        const bytes = new Uint8Array(await response.arrayBuffer());
        return { status: response.status, header: (name) => response.headers.get(name) ?? undefined, body: bytes };
      },
    };
  }
}

/** `file` is bytes; `target` is a {@link MemorySink}. */
const memoryFilePort: FilePort = {
  openSource: (file) => Promise.resolve(memorySource(file as Uint8Array)),
  openSink: (target) => Promise.resolve(target as MemorySink),
};
