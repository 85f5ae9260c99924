import { join } from "node:path";
import { randomInt } from "node:crypto";
import { initCrypto, systemRandom } from "@stonechat/crypto/issuer";
import type { EntryId, RequestOf } from "@stonechat/protocol";
import { expect, test } from "vitest";
import { startChildRelay, type ChildRelay } from "./testing/child-relay.ts";
import { ClosedError, FrameClient } from "./testing/frame-client.ts";
import { temporaryFolder } from "./testing/relay-fixture.ts";
import { ask, logId, token } from "./testing/service-fixture.ts";

await initCrypto();
const ROUNDS = Number(process.env["STONECHAT_KILL_ROUNDS"] ?? 15);
const LOGS = 4;
const WRITERS_PER_LOG = 2;
const random = systemRandom();

/** What one log's writers know: positions the relay acknowledged, and what they do not know the fate of. */
interface Ledger {
  readonly acknowledged: Map<string, number>;
  readonly sent: Set<string>;
  epoch: number;
}

test(
  `killed ${String(ROUNDS)} times under load, the relay loses and doubles no acknowledged entry`,
  { timeout: 30_000 + ROUNDS * 4000 },
  async () => {
    const data = join(await temporaryFolder(), "data");
    const ledgers: Ledger[] = Array.from({ length: LOGS }, () => ({
      acknowledged: new Map(),
      sent: new Set(),
      epoch: 0,
    }));
    let relay = await startChildRelay(data);
    const maker = await FrameClient.open(relay.url);
    for (let n = 0; n < LOGS; n += 1) await maker.expect("done", ask.create(n));
    for (let round = 0; round < ROUNDS; round += 1) {
      const writers = ledgers.flatMap((ledger, n) =>
        Array.from({ length: WRITERS_PER_LOG }, () => write(relay, n, ledger)),
      );
      await new Promise((resolve) => {
        setTimeout(resolve, randomInt(20, 300));
      });
      await relay.kill();
      await Promise.all(writers);
      const began = performance.now();
      relay = await startChildRelay(data);
      expect(performance.now() - began).toBeLessThan(5000);
      await checkAll(relay, ledgers);
    }
    expect(ledgers.every(({ acknowledged }) => acknowledged.size > 0)).toBe(true);
    expect(await relay.stop()).toBe(0);
  },
);

/** Appends until the relay dies. */
async function write(relay: ChildRelay, n: number, ledger: Ledger): Promise<void> {
  try {
    const client = await FrameClient.open(relay.url);
    for (;;) {
      const entryId = random.bytes(16) as EntryId;
      const request = { ...ask.append(n, 0, 0, 512), entryId } as RequestOf<"append">;
      const key = Buffer.from(entryId).toString("hex");
      ledger.sent.add(key);
      const { seq } = await client.expect("appended", request);
      ledger.acknowledged.set(key, seq);
      // Now and then the same again, as a client does that missed the answer.
      if (randomInt(10) === 0) expect(await client.expect("appended", request)).toEqual({ type: "appended", seq });
    }
  } catch (error) {
    if (!(error instanceof ClosedError) && !(error instanceof Error && "code" in error)) throw error;
  }
}

async function checkAll(relay: ChildRelay, ledgers: readonly Ledger[]): Promise<void> {
  const reader = await FrameClient.open(relay.url);
  for (const [n, { acknowledged, sent }] of ledgers.entries()) {
    const found = new Map<string, number>();
    for (let from = 0; ;) {
      const page = await reader.expect("entries", {
        type: "read",
        logId: logId(n),
        readToken: token("read 0"),
        from,
        limit: 500,
      });
      for (const { entryId, seq } of page.entries) {
        const key = Buffer.from(entryId).toString("hex");
        expect(found.has(key), "an entry came twice").toBe(false);
        expect(sent.has(key), "an entry nobody sent").toBe(true);
        found.set(key, seq);
      }
      if (page.next === from) break;
      from = page.next;
    }
    expect([...found.values()]).toEqual(Array.from({ length: found.size }, (_, seq) => seq));
    for (const [key, seq] of acknowledged) expect(found.get(key), "an acknowledged entry").toBe(seq);
  }
  await reader.close();
}
