import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RecordId } from "@stonechat/protocol";
import { describeGuardStore, guardRecordOf } from "@stonechat/testkit/guard-store-contract";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { expect, onTestFinished, test } from "vitest";
import type { GuardRecord } from "../machine/record.ts";
import { MemoryGuardStore } from "./memory-guard-store.ts";
import { SqliteGuardStore } from "./sqlite-guard-store.ts";

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "stonechat-guard-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

describeGuardStore("memory", async () => new MemoryGuardStore());
describeGuardStore("sqlite", async () => SqliteGuardStore.open(join(await temporaryFolder(), "guard.sqlite")));

const id = (n: number): RecordId => new Uint8Array(16).fill(n) as RecordId;

test("sqlite: what was answered is there after it was opened again", async () => {
  const path = join(await temporaryFolder(), "guard.sqlite");
  const store = await SqliteGuardStore.open(path);
  await store.update(id(1), () => ({ change: { type: "put", record: guardRecordOf(1) }, answer: undefined }));
  await store.update(id(2), () => ({ change: { type: "put", record: guardRecordOf(2) }, answer: undefined }));
  await store.update(id(2), () => ({ change: { type: "destroy" }, answer: undefined }));
  await store.close();
  const again = await SqliteGuardStore.open(path);
  onTestFinished(() => again.close());
  expect(again.records).toBe(1);
  const look = async (n: number) => again.update(id(n), (known) => ({ change: { type: "none" }, answer: known }));
  expect(await look(1)).toEqual({ type: "alive", record: guardRecordOf(1) });
  expect(await look(2)).toEqual({ type: "dead" });
});

test("sqlite: a second one on the same file does not open", async () => {
  const path = join(await temporaryFolder(), "guard.sqlite");
  const store = await SqliteGuardStore.open(path);
  onTestFinished(() => store.close());
  await expect(SqliteGuardStore.open(path)).rejects.toThrow(/locked/);
});

test(
  "sqlite: no file holds a pad that was overwritten, nor anything of a destroyed record",
  { timeout: 60_000 },
  async () => {
    const folder = await temporaryFolder();
    const random = repeatableRandom("erasing");
    const store = await SqliteGuardStore.open(join(folder, "guard.sqlite"));
    onTestFinished(() => store.close());
    /** What must be in the file for each record, and all that must not be in it any more. */
    const alive = new Map<number, Uint8Array>();
    const gone: Uint8Array[] = [];
    for (let round = 0; round < 40; round += 1) {
      const changes = Array.from({ length: 12 }, async () => {
        const n = (random.bytes(1)[0] ?? 0) % 60;
        if (round > 5 && n < 6) {
          await store.update(id(n), () => ({ change: { type: "destroy" }, answer: undefined }));
          return [n, undefined] as const;
        }
        const pad = random.bytes(32);
        const base = guardRecordOf(n);
        const entries = base.current.entries.map((entry) => ({ ...entry, pad }));
        const current = { ...base.current, entries };
        // Of several lengths, so that rows move about.
        const record: GuardRecord = { ...base, current, prepared: n % 3 === 0 ? current : undefined };
        await store.update(id(n), () => ({ change: { type: "put", record }, answer: undefined }));
        return [n, pad] as const;
      });
      for (const [n, pad] of await Promise.all(changes)) {
        const before = alive.get(n);
        if (before !== undefined) gone.push(before);
        if (pad === undefined) alive.delete(n);
        else alive.set(n, pad);
      }
      const bytes = await allBytes(folder);
      expect(gone.filter((pad) => bytes.includes(Buffer.from(pad))).length).toBe(0);
      expect([...alive.values()].every((pad) => bytes.includes(Buffer.from(pad)))).toBe(true);
    }
    expect(gone.length).toBeGreaterThan(300);
  },
);

async function allBytes(folder: string): Promise<Buffer> {
  const files = await readdir(folder);
  return Buffer.concat(await Promise.all(files.map((file) => readFile(join(folder, file)))));
}
