import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { firstJsonLine } from "./relay-child.ts";

/** Starts {@link file://./echo-server.ts} in a process of its own. */
export async function startEcho(): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const file = join(import.meta.dirname, "echo-server.ts");
  const child = spawn(process.execPath, [file], { stdio: ["ignore", "pipe", "inherit"] });
  const { url } = (await firstJsonLine(child)) as { readonly url: string }; // echo-server.ts wrote it
  const stop = async (): Promise<void> => {
    const ended = once(child, "exit");
    child.kill();
    await ended;
  };
  return { url, stop };
}
