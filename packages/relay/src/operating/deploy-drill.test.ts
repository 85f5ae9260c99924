import { join } from "node:path";
import { initCrypto, systemRandom } from "@stonechat/crypto/issuer";
import type { EntryId, RequestOf } from "@stonechat/protocol";
import { expect, test } from "vitest";
import { startChildRelay, type ChildRelay } from "../testing/child-relay.ts";
import { ClosedError, FrameClient } from "../testing/frame-client.ts";
import { lastingPort } from "../testing/lasting-port.ts";
import { temporaryFolder } from "../testing/relay-fixture.ts";
import { ask } from "../testing/service-fixture.ts";

await initCrypto();
const WRITERS = 6;
const DEPLOYS = 4;
const EACH = 150;
const random = systemRandom();
/** 4004: the relay stops, come again; 1006: it was gone before it could say so. */
const MOVES_ON: ReadonlySet<number> = new Set([4004, 1006, 0]);

/** A person who sends one message after the other, and the same again until it was acknowledged. */
async function send(url: () => string, n: number, told: Map<string, number>, codes: Set<number>): Promise<void> {
  let client: FrameClient | undefined;
  for (let sent = 0; sent < EACH; sent += 1) {
    const entryId = random.bytes(16) as EntryId;
    const request = { ...ask.append(n, 0, 0, 256), entryId } as RequestOf<"append">;
    for (let done = false; !done;) {
      try {
        client ??= await FrameClient.open(url());
        const { seq } = await client.expect("appended", request);
        told.set(Buffer.from(entryId).toString("hex"), seq);
        done = true;
      } catch (error) {
        if (error instanceof ClosedError) codes.add(error.closeCode);
        else if (!isAway(error)) throw error;
        client = undefined;
        await later(20);
      }
    }
  }
  await client?.close();
}

/** Nobody listens; or whoever listens is about to stop, and takes no new connections. */
function isAway(error: unknown): boolean {
  return error instanceof Error && ("code" in error || error.message.includes("503"));
}

const later = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

test.each(["sqlite", "segments"])(
  "%s: deployed again and again while people write, nobody is refused, and nothing is lost or doubled",
  { timeout: 120_000 },
  async (store) => {
    const data = join(await temporaryFolder(), "data");
    const listen = `127.0.0.1:${String(await lastingPort())}`;
    let relay: ChildRelay = await startChildRelay(data, { store, listen });
    const maker = await FrameClient.open(relay.url);
    for (let n = 0; n < WRITERS; n += 1) await maker.expect("done", ask.create(n));
    const told = Array.from({ length: WRITERS }, () => new Map<string, number>());
    const codes = new Set<number>();
    const people = told.map((mine, n) => send(() => relay.url, n, mine, codes));
    let longest = 0;
    for (let deploy = 0; deploy < DEPLOYS; deploy += 1) {
      await later(150);
      const began = performance.now();
      expect(await relay.stop()).toBe(0);
      relay = await startChildRelay(data, { store, listen });
      longest = Math.max(longest, performance.now() - began);
    }
    await Promise.all(people);
    console.log(
      `deploy drill, ${store}: ${String(DEPLOYS)} deploys, longest pause ${longest.toFixed(0)} ms, 0 refusals`,
    );
    expect([...codes].filter((code) => !MOVES_ON.has(code))).toEqual([]);
    const reader = await FrameClient.open(relay.url);
    for (const [n, mine] of told.entries()) {
      const { entries } = await reader.expect("entries", ask.read(n, 0, 0, 500));
      const found = new Map(entries.map(({ entryId, seq }) => [Buffer.from(entryId).toString("hex"), seq]));
      expect(entries).toHaveLength(EACH);
      expect(found).toEqual(mine);
    }
    await reader.close();
    expect(await relay.stop()).toBe(0);
  },
);
