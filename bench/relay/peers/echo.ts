import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { firstJsonLine, placeOf } from "../relay-child.ts";
import type { RunningPeer } from "./peer.ts";

/** Starts a bare `ws` server that sends each frame back: the least that any relay on this machine must cost. */
export async function startEcho(): Promise<RunningPeer> {
  const file = join(import.meta.dirname, "echo-server.ts");
  const child = spawn(process.execPath, [file], { stdio: ["ignore", "pipe", "inherit"] });
  const { url } = (await firstJsonLine(child)) as { readonly url: string }; // echo-server.ts wrote it
  const stop = async (): Promise<void> => {
    const ended = once(child, "exit");
    child.kill();
    await ended;
  };
  return { target: { type: "echo", place: placeOf(url) }, stop };
}
