/** The guards of `npm start`: three on loopback, of which two are needed. All run here, so they end when we do. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeGuard, loadGuardConfig, startGuard, type RunningGuard } from "@stonechat/guard";

const COUNT = 3;
const THRESHOLD = 2;

export type LocalGuards = {
  /** The list that the relay is given. */
  readonly listFile: string;
  /** Settles when the storage of one fails. */
  readonly failed: Promise<Error>;
  close(): Promise<void>;
};

/** Starts them with their data in `folder/guard-1` and so on. @throws what starting a guard throws. */
export async function startLocalGuards(folder: string): Promise<LocalGuards> {
  mkdirSync(folder, { mode: 0o700, recursive: true });
  const started = await Promise.allSettled(
    Array.from({ length: COUNT }, (_, at) => startOne(join(folder, `guard-${String(at + 1)}`))),
  );
  const guards = started.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const close = async (): Promise<void> => {
    await Promise.all(guards.map((guard) => guard.close()));
  };
  const failure = started.find((one) => one.status === "rejected");
  if (failure !== undefined) {
    await close();
    throw failure.reason;
  }
  const listFile = join(folder, "guards.json");
  writeFileSync(listFile, JSON.stringify({ threshold: THRESHOLD, guards: await listings(folder, guards) }));
  return { listFile, failed: Promise.race(guards.map(({ failed }) => failed)), close };
}

async function startOne(data: string): Promise<RunningGuard> {
  // All requests come from the relay, which is one address.
  const limits = { registrationsPerDayPerPrefix: 10_000, requestsPerSecondPerPrefix: 10_000 };
  return startGuard(loadGuardConfig({ flags: { data, listen: "127.0.0.1:0", ...limits } }), { log: quiet });
}

async function listings(folder: string, guards: readonly RunningGuard[]) {
  return Promise.all(
    guards.map(async ({ url }, at) => {
      const number = String(at + 1);
      const words = { name: `Guard ${number}`, operator: "this computer, for trying it out", url };
      return (await describeGuard(join(folder, `guard-${number}`), words)).listing;
    }),
  );
}

/** A person at a terminal need not read the ordinary changes of state. */
function quiet(line: { readonly level: string }): void {
  if (line.level !== "info") process.stderr.write(`${JSON.stringify(line)}\n`);
}
