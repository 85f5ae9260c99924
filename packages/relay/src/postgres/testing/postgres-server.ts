import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import postgres from "postgres";
import { lastingPort } from "../../testing/lasting-port.ts";

/** A PostgreSQL server of the test's own, on a random port of loopback, in a temporary folder. */
export interface PostgresServer {
  /** Another database: a new empty one, unless the folder was there before. @returns its URL. */
  database(): Promise<string>;
  /** Settles when the process that is running now has ended. */
  readonly ended: Promise<void>;
  /** Ends it as a power cut of the process would (SIGKILL to the whole server), and resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same folder and port. Resolves when it takes connections. */
  start(): Promise<void>;
  /** Ends it and removes the folder. */
  close(): Promise<void>;
}

/** What a server is started with. */
export interface PostgresServerOptions {
  /** Settings of PostgreSQL besides where to listen. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Where its data is kept, and stays. Default: a temporary folder, which goes away with the server. */
  readonly folder?: string;
}

const DEBIAN = "/usr/lib/postgresql";
const START_TIMEOUT_MS = 30_000;
const POLL_MS = 20;

/** Where PostgreSQL's programs are: the newest of Debian's, or wherever PATH says. `undefined`: none is installed. */
export function postgresPrograms(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).toSorted((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...versions.map((version) => join(DEBIAN, version, "bin")),
    ...(process.env["PATH"] ?? "").split(delimiter),
  ];
  return folders.find(
    (folder) => folder !== "" && existsSync(join(folder, "initdb")) && existsSync(join(folder, "postgres")),
  );
}

/** Why tests of PostgreSQL cannot run here. `undefined`: they can. */
export function whyNoPostgres(): string | undefined {
  if (postgresPrograms() === undefined) return "PostgreSQL is not installed here (Debian: apt-get install postgresql)";
  if (process.getuid?.() === 0 && owner() === undefined)
    return "PostgreSQL does not run as root, and there is no user postgres";
  return undefined;
}

/** Makes a data folder, unless it is there, and starts the server on it. @throws Error with its last words if it does not come up. */
export async function startPostgres(options: PostgresServerOptions = {}): Promise<PostgresServer> {
  const programs = postgresPrograms();
  if (programs === undefined) throw new Error("PostgreSQL is not installed");
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), "stonechat-postgres-"));
  mkdirSync(folder, { recursive: true });
  const as = process.getuid?.() === 0 ? owner() : undefined;
  if (as !== undefined) chownSync(folder, as.uid, as.gid);
  const data = join(folder, "data");
  if (!existsSync(data)) initialise(join(programs, "initdb"), folder, as);
  const server = new Server({
    ...{ program: join(programs, "postgres"), folder, data, as },
    port: await lastingPort(),
    settings: options.settings ?? {},
    keep: options.folder !== undefined,
  });
  await server.start();
  return server;
}

function initialise(initdb: string, folder: string, as: ServerParts["as"]): void {
  const options = ["-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync"];
  const made = spawnSync(initdb, ["-D", join(folder, "data"), ...options], { ...as, cwd: folder, encoding: "utf8" });
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
}

interface ServerParts {
  readonly program: string;
  readonly folder: string;
  readonly data: string;
  readonly port: number;
  readonly as: { readonly uid: number; readonly gid: number } | undefined;
  readonly settings: Readonly<Record<string, string>>;
  readonly keep: boolean;
}

class Server implements PostgresServer {
  readonly #parts: ServerParts;
  #process: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  #databases = 0;

  constructor(parts: ServerParts) {
    this.#parts = parts;
  }

  get ended(): Promise<void> {
    return this.#ended;
  }

  async database(): Promise<string> {
    this.#databases += 1;
    const name = `relay${String(this.#databases)}`;
    const sql = this.#connect();
    const [known] = await sql`SELECT 1 FROM pg_database WHERE datname = ${name}`;
    if (known === undefined) await sql.unsafe(`CREATE DATABASE ${name}`);
    await sql.end();
    return `postgres://postgres@127.0.0.1:${String(this.#parts.port)}/${name}`;
  }

  async start(): Promise<void> {
    const { program, folder, data, port, as, settings } = this.#parts;
    const options = { listen_addresses: "127.0.0.1", port: String(port), unix_socket_directories: "", ...settings };
    const child = spawn(
      program,
      ["-D", data, ...Object.entries(options).flatMap(([key, value]) => ["-c", `${key}=${value}`])],
      {
        ...as,
        cwd: folder,
        // A group of its own, so that it can be killed as a whole.
        detached: true,
        stdio: ["ignore", "ignore", "pipe"],
      },
    );
    let words = "";
    child.stderr.on("data", (said: Buffer) => {
      words = (words + said.toString("latin1")).slice(-2000);
    });
    this.#process = child;
    this.#ended = new Promise((resolve) => {
      // Not "exit": the parts of a killed server outlive it by a moment, and until then hold its folder, and this pipe.
      child.once("close", () => {
        resolve();
      });
    });
    await this.#untilReady(() => words);
  }

  async kill(): Promise<void> {
    const pid = this.#process?.pid;
    if (pid === undefined || this.#process?.exitCode !== null) return;
    process.kill(-pid, "SIGKILL");
    await this.#ended;
  }

  async close(): Promise<void> {
    // What stays is left in order; what goes anyway need not be.
    this.#process?.kill(this.#parts.keep ? "SIGINT" : "SIGQUIT");
    await this.#ended;
    if (!this.#parts.keep) rmSync(this.#parts.folder, { recursive: true, force: true });
  }

  #connect(): postgres.Sql {
    return postgres({
      host: "127.0.0.1",
      port: this.#parts.port,
      user: "postgres",
      database: "postgres",
      max: 1,
      onnotice: () => undefined,
    });
  }

  async #untilReady(words: () => string): Promise<void> {
    const deadline = performance.now() + START_TIMEOUT_MS;
    for (;;) {
      const sql = this.#connect();
      try {
        await sql.unsafe("SELECT 1");
        return;
      } catch (error) {
        if (performance.now() > deadline || this.#process?.exitCode !== null)
          throw new Error(`PostgreSQL did not start: ${words()}`, { cause: error });
      } finally {
        await sql.end();
      }
      await new Promise((resolve) => {
        setTimeout(resolve, POLL_MS);
      });
    }
  }
}

/** Debian's user for PostgreSQL. */
function owner(): { readonly uid: number; readonly gid: number } | undefined {
  const ids = ["-u", "-g"].map((flag) => spawnSync("id", [flag, "postgres"], { encoding: "utf8" }));
  const [uid, gid] = ids.map(({ status, stdout }) => (status === 0 ? Number(stdout) : undefined));
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
}
