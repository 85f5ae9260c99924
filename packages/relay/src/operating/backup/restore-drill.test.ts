import { randomInt } from "node:crypto";
import { join } from "node:path";
import { initCrypto, systemRandom } from "@stonechat/crypto/issuer";
import type { EntryId, RequestOf } from "@stonechat/protocol";
import { expect, test } from "vitest";
import { startChildRelay, type ChildRelay } from "../../testing/child-relay.ts";
import { ClosedError, FrameClient } from "../../testing/frame-client.ts";
import { temporaryFolder } from "../../testing/relay-fixture.ts";
import { ask } from "../../testing/service-fixture.ts";
import { askRelay } from "../control/ask-relay.ts";
import { restoreBackup } from "./restore-backup.ts";

await initCrypto();
const LOGS = 4;
const random = systemRandom();

/** What a writer was told, and when. */
interface Acknowledged {
  readonly log: number;
  readonly seq: number;
  readonly entryId: string;
  readonly at: number;
}

/** Appends until the relay dies. */
async function write(relay: ChildRelay, log: number, ledger: Acknowledged[]): Promise<void> {
  try {
    const client = await FrameClient.open(relay.url);
    for (;;) {
      const entryId = random.bytes(16) as EntryId;
      const { seq } = await client.expect("appended", {
        ...ask.append(log, 0, 0, 1024),
        entryId,
      } as RequestOf<"append">);
      ledger.push({ log, seq, entryId: Buffer.from(entryId).toString("hex"), at: Date.now() });
    }
  } catch (error) {
    if (!(error instanceof ClosedError) && !(error instanceof Error && "code" in error)) throw error;
  }
}

async function readAll(relay: ChildRelay, log: number): Promise<ReadonlyMap<string, number>> {
  const client = await FrameClient.open(relay.url);
  const found = new Map<string, number>();
  for (let from = 0; ;) {
    const { entries, next } = await client.expect("entries", ask.read(log, 0, from, 500));
    for (const { entryId, seq } of entries) found.set(Buffer.from(entryId).toString("hex"), seq);
    if (entries.length === 0) return found;
    from = next;
  }
}

const untilLater = (ms: number) =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

test.each(["sqlite", "segments"])(
  "%s: backups taken under load and restored elsewhere hold everything acknowledged before them",
  { timeout: 120_000 },
  async (store) => {
    const folder = await temporaryFolder();
    const data = join(folder, "data");
    const relay = await startChildRelay(data, { store });
    const maker = await FrameClient.open(relay.url);
    for (let log = 0; log < LOGS; log += 1) await maker.expect("done", ask.create(log));
    const ledger: Acknowledged[] = [];
    const writers = Array.from({ length: LOGS * 2 }, (_, n) => write(relay, n % LOGS, ledger));
    /** Until something was acknowledged since. */
    const goneOn = async (): Promise<void> => {
      const { length } = ledger;
      while (ledger.length === length) await untilLater(5);
    };
    await goneOn();
    let takenAt = 0;
    for (let backup = 0; backup < 3; backup += 1) {
      await untilLater(randomInt(100, 300));
      const answer = await askRelay(data, { ask: "backup", folder: join(folder, "backups"), keep: 2 });
      if (answer?.type !== "backup") throw new Error("no backup");
      ({ takenAt } = answer.backup);
    }
    await goneOn();
    await untilLater(200);
    await relay.kill();
    await Promise.all(writers);

    const began = performance.now();
    await restoreBackup(join(folder, "backups"), join(folder, "elsewhere"));
    const restored = await startChildRelay(join(folder, "elsewhere"));
    const rtoMs = performance.now() - began;
    const logs = await Promise.all(Array.from({ length: LOGS }, (_, log) => readAll(restored, log)));
    const before = ledger.filter(({ at }) => at < takenAt);
    const lost = before.filter(({ log, entryId, seq }) => logs[log]?.get(entryId) !== seq);
    const after = ledger.filter(({ log, entryId }) => logs[log]?.has(entryId) !== true);
    expect(before.length).toBeGreaterThan(0);
    expect(after.length).toBeGreaterThan(0);
    const last = Math.max(...ledger.map(({ at }) => at));
    console.log(
      `restore drill, ${store}: ${String(before.length)} entries acknowledged before the backup, ${String(lost.length)} of them lost; ` +
        `RPO ${String(last - takenAt)} ms (${String(after.length)} later entries not in it), RTO ${rtoMs.toFixed(0)} ms`,
    );
    expect(lost).toEqual([]);

    // Clients go on: what was lost is sent again under its id, and nothing is there twice.
    const client = await FrameClient.open(restored.url);
    for (const { log, entryId } of after.slice(0, 50)) {
      const again = { ...ask.append(log, 0, 0, 1024), entryId: new Uint8Array(Buffer.from(entryId, "hex")) };
      await client.expect("appended", again as RequestOf<"append">);
    }
    expect(await restored.stop()).toBe(0);
  },
);
