import { fork } from "node:child_process";
import { parseBase64Url } from "@stonechat/protocol";

/** A guard in a process of its own, so that it can be killed. */
export interface ChildGuard {
  readonly url: string;
  readonly publicKey: Uint8Array;
  /** Microseconds of processor time that it took so far, all threads together. */
  cpuMicros(): Promise<number>;
  /** Ends it the hard way, and resolves when it is gone. */
  kill(): Promise<void>;
  /** Asks it to stop. @returns its exit code. */
  stop(): Promise<number | null>;
}

/** Starts one on this data folder. @throws Error with its exit code and last words if it does not come up. */
export async function startChildGuard(data: string, flags: Readonly<Record<string, string>> = {}): Promise<ChildGuard> {
  const child = fork(new URL("./guard-process.ts", import.meta.url), [data, JSON.stringify(flags)], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    execArgv: [],
  });
  let words = "";
  child.stderr?.on("data", (data: Buffer) => {
    words = (words + data.toString("latin1")).slice(-2000);
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once("exit", resolve);
  });
  const said = await new Promise<{ readonly url: string; readonly publicKey: string }>((resolve, reject) => {
    child.once("message", (message) => {
      resolve(message as { url: string; publicKey: string }); // what guard-process.ts says
    });
    // Its last words may come after its end.
    child.once("close", (code) => {
      reject(new Error(`exit code ${String(code)}: ${words}`));
    });
  });
  return {
    url: said.url,
    publicKey: parseBase64Url(said.publicKey),
    cpuMicros: () =>
      new Promise((resolve) => {
        child.once("message", (message) => {
          const { user, system } = message as NodeJS.CpuUsage; // what guard-process.ts says to this
          resolve(user + system);
        });
        child.send("cpu");
      }),
    kill: async () => {
      child.kill("SIGKILL");
      await ended;
    },
    stop: async () => {
      child.kill("SIGTERM");
      return await ended;
    },
  };
}
