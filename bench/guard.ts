import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { initCrypto, systemRandom } from "@stonechat/crypto";
import type { GuardTag } from "@stonechat/protocol";
import { startChildGuard, type ChildGuard } from "../packages/guard/src/testing/child-guard.ts";
import { overHttp, TestDevice } from "../packages/guard/src/testing/test-device.ts";
import type { Row } from "./row.ts";

const DEVICES = 24;
const WARM_UP_MS = 1000;
const MEASURED_MS = 5000;

/** One guard in a process of its own, over HTTP on loopback, each change synced: how many guesses it serves. */
export async function benchGuard(): Promise<Row[]> {
  await initCrypto();
  const folder = mkdtempSync(join(tmpdir(), "stonechat-bench-"));
  const guard = await startChildGuard(join(folder, "data"));
  try {
    await serveFor(guard, WARM_UP_MS);
    const cpuBefore = await guard.cpuMicros();
    const { guesses, ms } = await serveFor(guard, MEASURED_MS);
    const cpuSeconds = ((await guard.cpuMicros()) - cpuBefore) / 1e6;
    const alone = await serveFor(guard, MEASURED_MS / 2, 1);
    return [
      {
        what: "guard: guesses served on one core",
        measured: guesses / cpuSeconds,
        unit: "/s",
        target: { of: "measured", atLeast: 100 },
      },
      {
        what: `the same by the clock, ${String(DEVICES)} devices at once`,
        measured: (guesses * 1000) / ms,
        unit: "/s",
      },
      { what: "one guess of one device: hello, evaluate, open", measured: alone.ms / alone.guesses, unit: "ms" },
    ];
  } finally {
    await guard.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Devices that open their vaults again and again: a right PIN gives its guess back. */
async function serveFor(guard: ChildGuard, ms: number, count = DEVICES): Promise<{ guesses: number; ms: number }> {
  const devices = await Promise.all(Array.from({ length: count }, () => register(guard)));
  const began = performance.now();
  const end = began + ms;
  const guesses = await Promise.all(devices.map((device) => guessUntil(device, end)));
  return { guesses: guesses.reduce((sum, each) => sum + each, 0), ms: performance.now() - began };
}

interface Registered {
  readonly device: TestDevice;
  readonly tag: GuardTag;
}

async function register(guard: ChildGuard): Promise<Registered> {
  const device = new TestDevice(systemRandom(), guard.publicKey, overHttp(guard.url));
  const tag = device.dealer.tag();
  const answer = await device.register(device.dealer.entries(tag));
  if (answer?.type !== "done") throw new Error("the guard took no registration");
  return { device, tag };
}

async function guessUntil({ device, tag }: Registered, end: number): Promise<number> {
  let guesses = 0;
  while (performance.now() < end) {
    await device.ask({ type: "hello" });
    const blindedElement = device.dealer.element();
    const evaluated = await device.ask({ type: "evaluate", generation: 1, blindedElement });
    if (evaluated?.type !== "evaluated") throw new Error("the guard did not evaluate");
    const opened = await device.ask({ type: "open", ticket: evaluated.ticket, tag });
    if (opened?.type !== "opened") throw new Error("the guard did not open");
    guesses += 1;
  }
  return guesses;
}
