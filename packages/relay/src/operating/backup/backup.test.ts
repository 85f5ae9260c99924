import { chmod, cp, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { blobAnnouncement, BLOB_OFFSET_HEADER, BLOB_WRITE_HEADER } from "@stonechat/protocol";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { createAdmissionCode } from "../../admission/admission-codes.ts";
import { loadConfig } from "../../config.ts";
import { startRelay } from "../../start-relay.ts";
import { FrameClient } from "../../testing/frame-client.ts";
import { relayFixture, temporaryFolder } from "../../testing/relay-fixture.ts";
import { ask, hashOf, token } from "../../testing/service-fixture.ts";
import { askRelay } from "../control/ask-relay.ts";
import { readLastBackup } from "../last-backup.ts";
import type { BackupReport } from "./backup-report.ts";
import { backupStopped } from "./backup-stopped.ts";
import { BackupError, MANIFEST_FILE, parseManifest } from "./manifest.ts";
import { restoreBackup } from "./restore-backup.ts";

const NO_CODE = new Uint8Array(0);

async function take(data: string, folder: string, keep = 7): Promise<BackupReport> {
  const answer = await askRelay(data, { ask: "backup", folder, keep });
  if (answer?.type === "backup") return answer.backup;
  throw new Error(answer?.type === "refused" ? answer.reason : "no answer");
}

async function startOn(data: string) {
  const config = loadConfig({ flags: { data, listen: "127.0.0.1:0", admission: "open", reserveMib: 1 } });
  const relay = await startRelay(config, { log: () => undefined });
  onTestFinished(() => relay.close());
  return relay;
}

/** Puts a file at the relay. Its id is 43 times this letter. */
async function putBlob(url: string, letter: string, body: Uint8Array<ArrayBuffer>): Promise<void> {
  const path = `${url}/v1/blobs/${letter.repeat(42)}A`;
  const announcement = { size: body.length, ttlSeconds: 1000, writeHash: hashOf("write"), admission: NO_CODE };
  const announced = await fetch(path, {
    method: "POST",
    body: blobAnnouncement.encode(announcement) as Uint8Array<ArrayBuffer>,
  });
  expect(announced.status).toBe(201);
  const headers = { [BLOB_WRITE_HEADER]: Buffer.from(token("write")).toString("base64url"), [BLOB_OFFSET_HEADER]: "0" };
  expect((await fetch(path, { method: "PATCH", headers, body })).status).toBe(204);
}

const getBlob = async (url: string, letter: string) => {
  const response = await fetch(`${url}/v1/blobs/${letter.repeat(42)}A`);
  return { status: response.status, bytes: new Uint8Array(await response.arrayBuffer()) };
};

describe.each(["sqlite", "segments"])("%s", (store) => {
  test("a backup of a running relay becomes a relay with the same logs, files and codes", async () => {
    const { data, url } = await relayFixture({ store });
    const client = await FrameClient.open(url);
    await client.expect("done", ask.create(1));
    for (let n = 0; n < 5; n += 1) await client.expect("appended", ask.append(1, n));
    await client.expect("done", ask.put(1, [7], 8));
    await putBlob(url, "B", new Uint8Array(100_000).fill(3));
    await createAdmissionCode(data, { uses: 3, days: 1 });
    const target = join(await temporaryFolder(), "backups");
    const report = await take(data, target);
    await client.expect("appended", ask.append(1, 99));
    expect(await readLastBackup(data)).toBe(report.takenAt);

    const restored = join(await temporaryFolder(), "new");
    expect(await restoreBackup(target, restored)).toMatchObject({ folder: report.folder, files: report.files });
    const other = await startOn(restored);
    const reader = await FrameClient.open(other.url);
    expect((await reader.expect("entries", ask.read(1))).entries).toHaveLength(5);
    expect(await reader.expect("taken", ask.take(1))).toMatchObject({ lastResort: false });
    expect(await getBlob(other.url, "B")).toEqual({ status: 200, bytes: new Uint8Array(100_000).fill(3) });
    expect(await readdir(restored)).toContain("admission.sqlite");
  });

  test("the backup is closed to others, to the last file", async () => {
    const { data, url } = await relayFixture({ store });
    await putBlob(url, "B", new Uint8Array(10));
    const target = join(await temporaryFolder(), "backups");
    const { folder } = await take(data, target);
    for (const path of [
      target,
      folder,
      join(folder, MANIFEST_FILE),
      join(folder, "relay.sqlite"),
      join(folder, "blobs"),
    ])
      expect((await stat(path)).mode & 0o077, path).toBe(0);
  });

  test("what did not change is linked, what changed is copied, and old backups go", async () => {
    const { data, url } = await relayFixture({ store });
    const target = join(await temporaryFolder(), "backups");
    await putBlob(url, "B", new Uint8Array(50_000));
    const first = await take(data, target);
    await putBlob(url, "C", new Uint8Array(70_000));
    const second = await take(data, target);
    expect([first.linkedBytes, second.linkedBytes > 50_000, second.linkedBytes < 60_000]).toEqual([0, true, true]);
    const third = await take(data, target, 2);
    expect(third).toMatchObject({ removed: 1 });
    expect(await readdir(target)).toHaveLength(2);
    const restored = join(await temporaryFolder(), "new");
    await restoreBackup(target, restored); // the files linked from the backup that is gone are whole
    expect((await getBlob((await startOn(restored)).url, "B")).bytes).toHaveLength(50_000);
  });

  test("a guard's counter of guesses is never in a backup", async () => {
    const { data } = await relayFixture({ store });
    await mkdir(join(data, "guard"));
    await writeFile(join(data, "guard", "guard.sqlite"), "guesses");
    const { folder } = await take(data, join(await temporaryFolder(), "backups"));
    const { files } = parseManifest(await readFile(join(folder, MANIFEST_FILE), "utf8"));
    expect(files.map(({ path }) => path).filter((path) => path.includes("guard"))).toEqual([]);
  });

  test("a folder that backups must not go to is refused, in a sentence", async () => {
    const { data } = await relayFixture({ store });
    const open = join(await temporaryFolder(), "open");
    await mkdir(open);
    await writeFile(join(open, "something"), "");
    await chmod(open, 0o755);
    await expect(take(data, join(data, "backups"))).rejects.toThrow(/^Backups cannot lie inside the data folder/);
    await expect(take(data, join(data, ".."))).rejects.toThrow(/^Backups cannot lie inside/);
    await expect(take(data, open)).rejects.toThrow("chmod 700");
    await expect(take(data, "relative")).rejects.toThrow("whole path");
  });

  test("a backup that was cut off is no backup, and the next one clears it away", async () => {
    const { data } = await relayFixture({ store });
    const target = join(await temporaryFolder(), "backups");
    const { folder } = await take(data, target);
    await cp(folder, join(target, "20990101T000000000Z.unfinished"), { recursive: true });
    await mkdir(join(target, "20990101T000000000Z"));
    expect((await restoreBackup(target, join(await temporaryFolder(), "new"))).folder).toBe(folder);
    await take(data, target);
    expect((await readdir(target)).filter((name) => name.endsWith(".unfinished"))).toEqual([]);
  });

  test("of a relay that is stopped the same is copied, and one that runs cannot be taken for stopped", async () => {
    const { data, url, relay } = await relayFixture({ store });
    const client = await FrameClient.open(url);
    await client.expect("done", ask.create(1));
    await client.expect("appended", ask.append(1, 1));
    const target = join(await temporaryFolder(), "backups");
    await expect(backupStopped(data, target, 7, Date.now())).rejects.toMatchObject({ code: "in-use" });
    await relay.close();
    await backupStopped(data, target, 7, Date.now());
    const restored = join(await temporaryFolder(), "new");
    await restoreBackup(target, restored);
    const reader = await FrameClient.open((await startOn(restored)).url);
    expect((await reader.expect("entries", ask.read(1))).entries).toHaveLength(1);
  });

  test("nothing is written over: a folder with anything in it is refused and left as it is", async () => {
    const { data } = await relayFixture({ store });
    const target = join(await temporaryFolder(), "backups");
    await take(data, target);
    await expect(restoreBackup(target, data)).rejects.toMatchObject({ code: "in-the-way" });
    const other = await temporaryFolder();
    await writeFile(join(other, "letter"), "dear");
    await expect(restoreBackup(target, other)).rejects.toMatchObject({ code: "in-the-way" });
    expect(await readdir(other)).toEqual(["letter"]);
  });

  test("one changed byte in any file, a file that is gone, or a list that was cut is found out", async () => {
    const { data, url } = await relayFixture({ store });
    await putBlob(url, "B", new Uint8Array(1000));
    const { folder } = await take(data, join(await temporaryFolder(), "backups"));
    const { files } = parseManifest(await readFile(join(folder, MANIFEST_FILE), "utf8"));
    for (const { path } of files) {
      for (const harm of ["flip", "cut", "gone"] as const) {
        const copy = join(await temporaryFolder(), "copy");
        await cp(folder, copy, { recursive: true });
        const bytes = await readFile(join(copy, path));
        const middle = Math.floor(bytes.length / 2);
        if (harm === "flip") bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
        if (harm === "gone") await rm(join(copy, path));
        else await writeFile(join(copy, path), harm === "cut" ? bytes.subarray(0, -1) : bytes);
        const into = join(await temporaryFolder(), "new");
        await expect(restoreBackup(copy, into), `${harm} ${path}`).rejects.toMatchObject({ code: "damaged" });
        await expect(startOn(into)).rejects.toMatchObject({ code: "unfinished" });
      }
    }
    const manifest = await readFile(join(folder, MANIFEST_FILE), "utf8");
    await writeFile(join(folder, MANIFEST_FILE), manifest.slice(0, -20));
    await expect(restoreBackup(folder, join(await temporaryFolder(), "x"))).rejects.toMatchObject({
      code: "not-a-backup",
    });
  });

  test("a restore that was cut off anywhere keeps relays away, and finishes when it is run again", async () => {
    const { data, url } = await relayFixture({ store });
    await putBlob(url, "B", new Uint8Array(1000));
    const { folder } = await take(data, join(await temporaryFolder(), "backups"));
    const into = join(await temporaryFolder(), "new");
    const broken = join(await temporaryFolder(), "copy");
    await cp(folder, broken, { recursive: true });
    const { files } = parseManifest(await readFile(join(folder, MANIFEST_FILE), "utf8"));
    for (const { path } of files) {
      // The file that cannot be copied stands for the moment of the cut.
      await rm(join(broken, path));
      await expect(restoreBackup(broken, into)).rejects.toThrow(BackupError);
      await expect(startOn(into)).rejects.toThrow("a restore of the data folder was not finished: run it again");
      await cp(join(folder, path), join(broken, path));
    }
    await restoreBackup(broken, into);
    expect((await getBlob((await startOn(into)).url, "B")).status).toBe(200);
  });
});

test("a manifest is what we wrote or is refused, and no path leads out of the folder", () => {
  const good = {
    ...{ type: "stonechat-relay-backup", version: 1, takenAt: 1, relay: "0.1.0", store: "sqlite", format: 1 },
    files: [{ path: "blobs/ab/cd.blob", bytes: 1, sha256: "a".repeat(64), changedAt: 5 }],
  };
  expect(parseManifest(JSON.stringify(good))).toEqual(good);
  expect(() => parseManifest(JSON.stringify({ ...good, version: 2 }))).toThrow("newer version");
  const [file] = good.files;
  for (const path of ["/etc/passwd", "../x", "a/../../x", "a//b", "", ".", "a/", "a\\..\\b", "a\0b", "C:x"])
    expect(() => parseManifest(JSON.stringify({ ...good, files: [{ ...file, path }] })), path).toThrow(BackupError);
  for (const wrong of [{ bytes: -1 }, { bytes: 1.5 }, { sha256: "A".repeat(64) }, { sha256: 7 }, { changedAt: null }])
    expect(() => parseManifest(JSON.stringify({ ...good, files: [{ ...file, ...wrong }] }))).toThrow(BackupError);
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
      expect(() => parseManifest(text)).toThrow(BackupError);
    }),
  );
});
