import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { initCrypto, sha256, sealGuardRequest, openGuardReply, systemRandom } from "@stonechat/crypto";
import {
  decodeFixedSize,
  encodeFixedSize,
  GUARDS_PATH,
  guardList,
  guardReply,
  guardRequest,
  sealedGuardRequest,
  toHex,
  type GuardList,
  type RecordId,
  type Signature,
} from "@stonechat/protocol";
import { beforeAll, describe, expect, test } from "vitest";
import { cli, endProcessesAfterwards, startCli, type Running } from "./testing/processes.ts";
import { temporaryHomes } from "./testing/temporary-home.ts";

beforeAll(initCrypto);
endProcessesAfterwards();
const newFolder = temporaryHomes();
const SLOW = { timeout: 90_000 };
const FREE = ["--listen", "127.0.0.1:0", "--json"];

interface Server {
  readonly running: Running;
  readonly url: string;
  readonly fingerprint: string;
}

async function start(...argv: readonly string[]): Promise<Server> {
  const running = startCli([...argv, ...FREE]);
  const { url, fingerprint } = await running.line((line) => line["type"] === "ready");
  return { running, url: String(url), fingerprint: String(fingerprint) };
}

async function stop({ running }: Server): Promise<void> {
  running.process.kill("SIGTERM");
  expect((await running.ended).exitCode).toBe(0);
}

async function listOf(relay: Server): Promise<GuardList> {
  return guardList.decode(new Uint8Array(await (await fetch(`${relay.url}${GUARDS_PATH}`)).arrayBuffer()));
}

/** Says hello to a guard by way of a relay. */
async function greet(relay: Server, publicKey: Uint8Array): Promise<string | number> {
  const plaintext = encodeFixedSize(guardRequest, {
    recordId: new Uint8Array(16) as RecordId,
    nonce: new Uint8Array(32),
    operation: { type: "hello" },
    signature: new Uint8Array(64) as Signature,
  });
  const { sealed, replyKey } = sealGuardRequest(publicKey, plaintext, systemRandom());
  const body = sealedGuardRequest.encode({ sealed }) as Uint8Array<ArrayBuffer>;
  const response = await fetch(`${relay.url}${GUARDS_PATH}/${toHex(sha256(publicKey))}`, { method: "POST", body });
  if (response.status !== 200) return response.status;
  const reply = openGuardReply(replyKey, new Uint8Array(await response.arrayBuffer()));
  return decodeFixedSize(guardReply, reply).answer.type;
}

describe("stonechat guard", () => {
  test("starts, is described, stops in order and keeps its key", SLOW, async () => {
    const data = join(await newFolder(), "guard");
    const words = ["--name", "Guard", "--operator", "Somebody", "--public-url", "https://guard.example"];
    const guard = await start("guard", "start", "--data", data);
    const { exitCode, out, err } = await cli(["guard", "describe", "--data", data, ...words]);
    expect([exitCode, err]).toEqual([0, expect.stringContaining(guard.fingerprint)]);
    expect(JSON.parse(out)).toMatchObject({ name: "Guard", operator: "Somebody", url: "https://guard.example" });
    await stop(guard);
    const again = await start("guard", "start", "--data", data);
    expect(again.fingerprint).toBe(guard.fingerprint);
    const second = await cli(["guard", "start", "--data", data, ...FREE]);
    expect([second.exitCode, second.err]).toEqual([1, expect.stringContaining("another guard uses this data folder")]);
    await stop(again);
  });

  test("says what is missing", SLOW, async () => {
    const data = await newFolder();
    expect((await cli(["guard", "start"])).exitCode).toBe(2);
    expect((await cli(["guard", "start", "--data", data, "--max-records", "0"])).exitCode).toBe(2);
    expect((await cli(["guard", "describe", "--data", data])).exitCode).toBe(2);
    const words = ["--name", "G", "--operator", "O", "--public-url", "https://g.example"];
    const { exitCode, err } = await cli(["guard", "describe", "--data", data, ...words]);
    expect([exitCode, err]).toEqual([1, expect.stringContaining("start the guard once")]);
  });
});

describe("stonechat relay start", () => {
  test("publishes the guards of its list and passes requests on to them", SLOW, async () => {
    const folder = await newFolder();
    const data = join(folder, "guard");
    const guard = await start("guard", "start", "--data", data);
    const words = ["--name", "Guard", "--operator", "Somebody", "--public-url", guard.url];
    const described = await cli(["guard", "describe", "--data", data, ...words]);
    const file = join(folder, "guards.json");
    await writeFile(file, `{"threshold":1,"guards":[${described.out}]}`);
    const relay = await start("relay", "start", "--data", join(folder, "relay"), "--guards", file);
    const { threshold, guards } = await listOf(relay);
    expect([threshold, guards.map(({ name }) => name)]).toEqual([1, ["Guard"]]);
    const publicKey = guards[0]?.publicKey ?? new Uint8Array(0);
    expect(await greet(relay, publicKey)).toBe("done");
    await stop(guard);
    expect(await greet(relay, publicKey)).toBe(502);
    await stop(relay);
  });

  test("refuses a list with which a duress PIN would have no force", SLOW, async () => {
    const folder = await newFolder();
    const file = join(folder, "guards.json");
    await writeFile(file, '{"threshold":1,"guards":[]}');
    const { exitCode, err } = await cli(["relay", "start", "--data", join(folder, "relay"), "--guards", file, ...FREE]);
    expect([exitCode, err]).toEqual([1, expect.stringContaining("guards:")]);
  });

  test("--with-guard runs one guard in the same process, which stops with it", SLOW, async () => {
    const data = join(await newFolder(), "relay");
    await mkdir(data, { mode: 0o700 });
    const relay = await start("relay", "start", "--data", data, "--with-guard");
    const { threshold, guards } = await listOf(relay);
    expect([threshold, guards.length]).toEqual([1, 1]);
    const [own] = guards;
    expect(await greet(relay, own?.publicKey ?? new Uint8Array(0))).toBe("done");
    expect(await readdir(join(data, "guard"))).toContain("guard.key");
    await stop(relay);
    await expect(fetch(`${own?.url ?? ""}/healthz`)).rejects.toThrow();
    const again = await start("relay", "start", "--data", data, "--with-guard");
    expect((await listOf(again)).guards[0]?.publicKey).toEqual(own?.publicKey);
    await stop(again);
  });

  test("--with-guard and --guards exclude each other", SLOW, async () => {
    const data = await newFolder();
    const { exitCode, err } = await cli(["relay", "start", "--data", data, "--with-guard", "--guards", "x", ...FREE]);
    expect([exitCode, err]).toEqual([2, expect.stringContaining("exclude each other")]);
  });
});
