import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startNats, type NatsServer } from "../nats/testing/nats-server.ts";
import { startPostgres, type PostgresServer } from "../postgres/testing/postgres-server.ts";
import { startChildRelay, type ChildRelay } from "./child-relay.ts";

/** What a cluster is started with. */
export interface ClusterOptions {
  /** Where everything is kept, and stays. Default: a temporary folder, which goes away with the cluster. */
  readonly folder?: string;
  readonly relays?: number;
  /** Of the first relay; the others listen on the next ones. Default: any. */
  readonly port?: number;
  /** Further settings of PostgreSQL. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Further settings of the relays. */
  readonly flags?: Readonly<Record<string, string>>;
}

/** PostgreSQL, NATS and some relays with one set of data, all on this machine and each to be killed and started again. */
export class LocalCluster {
  readonly postgres: PostgresServer;
  /** Of the database that the relays share. */
  readonly postgresUrl: string;
  readonly nats: NatsServer;
  readonly #starts: (() => Promise<ChildRelay>)[];
  readonly #relays: ChildRelay[];
  readonly #urls: string[];
  readonly #end: () => void;

  private constructor(
    servers: { readonly postgres: PostgresServer; readonly postgresUrl: string; readonly nats: NatsServer },
    starts: (() => Promise<ChildRelay>)[],
    relays: ChildRelay[],
    end: () => void,
  ) {
    this.postgres = servers.postgres;
    this.postgresUrl = servers.postgresUrl;
    this.nats = servers.nats;
    this.#starts = starts;
    this.#relays = relays;
    this.#urls = relays.map(({ url }) => url);
    this.#end = end;
  }

  /** @throws Error if a part does not come up; then none is left running. */
  static async start(options: ClusterOptions = {}): Promise<LocalCluster> {
    const folder = options.folder ?? mkdtempSync(join(tmpdir(), "stonechat-cluster-"));
    mkdirSync(folder, { recursive: true });
    await using stack = new AsyncDisposableStack();
    const postgres = await startPostgres({
      settings: options.settings ?? {},
      // One that a user of its own can enter, as a temporary folder of ours is not.
      ...(options.folder === undefined ? {} : { folder: join(folder, "postgres") }),
    });
    stack.defer(() => postgres.close());
    const nats = await startNats();
    stack.defer(() => nats.close());
    const postgresUrl = await postgres.database();
    const shared = {
      store: "postgres",
      postgres: postgresUrl,
      nats: nats.url,
      blobFolder: join(folder, "files"),
      ...options.flags,
    };
    const starts = Array.from({ length: options.relays ?? 3 }, (_, n) => {
      const listen = { listen: `127.0.0.1:${String(options.port === undefined ? 0 : options.port + n)}` };
      return () => startChildRelay(join(folder, `relay-${String(n + 1)}`), { ...shared, ...listen });
    });
    const relays: ChildRelay[] = [];
    stack.defer(async () => {
      await Promise.all(relays.map((relay) => relay.stop()));
    });
    for (const start of starts) relays.push(await start());
    const keep = options.folder !== undefined;
    const cluster = new LocalCluster({ postgres, postgresUrl, nats }, starts, relays, () => {
      if (!keep) rmSync(folder, { recursive: true, force: true });
    });
    stack.move();
    return cluster;
  }

  /** Where the relays are to be reached now. */
  get urls(): readonly string[] {
    return this.#urls;
  }

  relay(n: number): ChildRelay {
    const relay = this.#relays[n];
    if (relay === undefined) throw new RangeError("no such relay");
    return relay;
  }

  /** Starts a relay that ended again, on its own data folder. */
  async restart(n: number): Promise<void> {
    const relay = await this.#starts[n]?.();
    if (relay === undefined) throw new RangeError("no such relay");
    this.#relays[n] = relay;
    this.#urls[n] = relay.url;
  }

  async close(): Promise<void> {
    await Promise.all(this.#relays.map((relay) => relay.stop()));
    await this.nats.close();
    await this.postgres.close();
    this.#end();
  }
}
