import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { connect } from "node:net";
import { lastingPort } from "../../testing/lasting-port.ts";

/** A nats-server of the test's own, on a random port of loopback. */
export interface NatsServer {
  readonly url: string;
  /** Settles when the process that is running now has ended. */
  readonly ended: Promise<void>;
  /** Ends it the hard way, and resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same port. Resolves when it takes connections. */
  start(): Promise<void>;
  close(): Promise<void>;
}

const START_TIMEOUT_MS = 20_000;
const POLL_MS = 20;

/** Why tests of NATS cannot run here. `undefined`: they can. */
export function whyNoNats(): string | undefined {
  const { error } = spawnSync("nats-server", ["--version"]);
  return error === undefined ? undefined : "nats-server is not installed here (Debian: apt-get install nats-server)";
}

/** Starts it, on `port` if that is given. @throws Error if it does not come up. */
export async function startNats(port?: number): Promise<NatsServer> {
  const server = new Server(port ?? (await lastingPort()));
  await server.start();
  return server;
}

class Server implements NatsServer {
  readonly url: string;
  readonly #port: number;
  #process: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();

  constructor(port: number) {
    this.#port = port;
    this.url = `nats://127.0.0.1:${String(port)}`;
  }

  get ended(): Promise<void> {
    return this.#ended;
  }

  async start(): Promise<void> {
    const child = spawn("nats-server", ["-a", "127.0.0.1", "-p", String(this.#port)], { stdio: "ignore" });
    this.#process = child;
    this.#ended = new Promise((resolve) => {
      child.once("exit", () => {
        resolve();
      });
    });
    const deadline = performance.now() + START_TIMEOUT_MS;
    while (!(await answers(this.#port))) {
      if (child.exitCode !== null || performance.now() > deadline) throw new Error("nats-server did not start");
      await new Promise((resolve) => {
        setTimeout(resolve, POLL_MS);
      });
    }
  }

  async kill(): Promise<void> {
    this.#process?.kill("SIGKILL");
    await this.#ended;
  }

  async close(): Promise<void> {
    this.#process?.kill("SIGTERM");
    await this.#ended;
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => {
      resolve(false);
    });
  });
}
