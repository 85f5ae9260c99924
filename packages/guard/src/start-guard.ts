import type { Server } from "node:http";
import { initCrypto, systemRandom } from "@stonechat/crypto/guard";
import { describeError, jsonLog, listen, lockDataFolder, type ListenAddress, type Log } from "@stonechat/serving";
import type { GuardConfig } from "./config.ts";
import { guardFingerprint } from "./describe.ts";
import { createGuardServer } from "./http/guard-server.ts";
import { createMetricsServer } from "./http/metrics.ts";
import { guardFiles, loadOrMakeKey } from "./key-file.ts";
import { Admission } from "./service/admission.ts";
import { systemClock, type GuardClock } from "./service/clock.ts";
import { Counters } from "./service/counters.ts";
import { createGuardService } from "./service/guard-service.ts";
import { SqliteGuardStore } from "./store/sqlite-guard-store.ts";

/** How long requests under way may take when the guard stops. */
const FINISH_TIMEOUT_MS = 5000;

/** What a guard takes from the world. The defaults are the real ones. */
export interface GuardPorts {
  readonly clock: GuardClock;
  readonly log: Log;
}

/** A guard that serves. */
export interface RunningGuard {
  /** Where it listens, for example `http://127.0.0.1:8090`. */
  readonly url: string;
  readonly metricsUrl: string | undefined;
  readonly publicKey: Uint8Array;
  /** First 16 hex digits of the SHA-256 of its key. */
  readonly fingerprint: string;
  /** Settles when storage fails: the caller must then end the process with an exit code other than 0. */
  readonly failed: Promise<Error>;
  /** Takes nothing new, finishes what is under way, lets go of the folder. */
  close(): Promise<void>;
}

/**
 * Starts a guard on its data folder, and resolves when it serves. The first start makes its key.
 *
 * @throws DataFolderError, KeyFileError, NewerFormatError, or the system's error for an address that cannot be listened on.
 * Then nothing is left running.
 */
export async function startGuard(config: GuardConfig, ports: Partial<GuardPorts> = {}): Promise<RunningGuard> {
  await initCrypto();
  const clock = ports.clock ?? systemClock;
  const log = ports.log ?? standardErrorLog(clock);
  const random = systemRandom();
  await using stack = new AsyncDisposableStack();
  // Without a listener this signal would open Node's debugger on a port, to whoever is on this machine.
  process.on("SIGUSR1", ignore);
  stack.defer(() => {
    process.off("SIGUSR1", ignore);
  });
  const folder = lockDataFolder(config.data, "guard");
  stack.defer(() => {
    folder.release();
  });
  const key = loadOrMakeKey(config.data, random);
  const store = await SqliteGuardStore.open(guardFiles(config.data).store);
  stack.defer(() => store.close());
  const counters = new Counters();
  const service = createGuardService({ store, key, admission: new Admission(config), counters, clock, random });
  const { requestsPerSecondPerPrefix, trustedProxy } = config;
  const server = createGuardServer({ service, counters, clock, log, requestsPerSecondPerPrefix, trustedProxy });
  const metrics = config.metricsListen;
  const metricsUrl =
    metrics === undefined
      ? undefined
      : `${await serve(createMetricsServer({ counters, store }), metrics, stack)}/metrics`;
  const url = await serve(server, config.listen, stack);
  log({ level: "info", event: "serving", records: store.records });
  void store.failed.then((error) => {
    log({ level: "error", event: "storage-failed", ...describeError(error.cause) });
  });

  const running = stack.move(); // nothing failed: from here on `close` ends it
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    log({ level: "info", event: "stopping" });
    await running.disposeAsync();
  };
  const { publicKey } = key;
  const fingerprint = guardFingerprint(publicKey);
  return { url, metricsUrl, publicKey, fingerprint, failed: store.failed, close: () => (closing ??= close()) };
}

/** Listens; `stack` lets it finish and closes it. @returns its URL. */
async function serve(server: Server, address: ListenAddress, stack: AsyncDisposableStack): Promise<string> {
  const port = await listen(server, address);
  stack.defer(async () => {
    const closed = new Promise<void>((resolve) => {
      server.close(() => {
        resolve();
      });
    });
    server.closeIdleConnections();
    const timer = setTimeout(() => {
      server.closeAllConnections();
    }, FINISH_TIMEOUT_MS);
    await closed;
    clearTimeout(timer);
  });
  return `http://${address.host.includes(":") ? `[${address.host}]` : address.host}:${String(port)}`;
}

function standardErrorLog(clock: GuardClock): Log {
  const write = (line: string): void => {
    process.stderr.write(line);
  };
  return jsonLog(write, () => clock.now());
}

function ignore(): void {
  // See where it is used.
}
