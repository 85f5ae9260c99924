import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadConfig } from "../../config.ts";
import { temporaryFolder } from "../../testing/relay-fixture.ts";
import { examine } from "./doctor.ts";
import type { CheckName, Finding } from "./finding.ts";
import type { FileFacts, FileSystemFacts, ListenTrial, Machine } from "./machine.ts";
import { systemMachine } from "./system-machine.ts";

const NOW = Date.UTC(2026, 10, 22);
const DAY = 24 * 3_600_000;
const GIB = 1024 ** 3;
const EXT4 = 0xef53;
const CLOSED: FileFacts = { kind: "folder", mode: 0o700, ownedByUs: true, modifiedAt: NOW - DAY, bytes: 4096 };

interface Described {
  readonly files?: Readonly<Record<string, Partial<FileFacts> | undefined>>;
  readonly texts?: Readonly<Record<string, string>>;
  readonly fileSystem?: Partial<FileSystemFacts>;
  readonly syncMs?: number | Error;
  readonly listen?: ListenTrial;
  readonly ntp?: string;
  readonly machine?: Partial<Machine>;
}

/** A machine on which all is well, but for what is described. */
function machineWith({ files, texts, fileSystem, syncMs = 0.4, listen = "free", ntp = "yes\n", machine }: Described) {
  const all: Record<string, Partial<FileFacts> | undefined> = {
    "/data": {},
    "/etc/relay.json": { mode: 0o600 },
    ...files,
  };
  const said: Record<string, string> = {
    "/proc/self/limits": "Max open files            1024                 65536                files\n",
    "/proc/self/cgroup": "0::/system.slice/stonechat.service\n",
    "/data/last-backup.json": `{"takenAt":${String(NOW - DAY)}}\n`,
    ...texts,
  };
  let monotonic = 0;
  const described: Machine = {
    ...{ nodeVersion: "24.1.0", platform: "linux", env: {}, memoryBytes: 4 * GIB },
    now: () => NOW + monotonic,
    monotonic: () => monotonic,
    sleep: async (ms) => {
      monotonic += ms;
    },
    readText: async (path) => said[path],
    facts: async (path) => (all[path] === undefined ? undefined : { ...CLOSED, ...all[path] }),
    list: async () => [],
    fileSystem: async () => ({ type: EXT4, freeBytes: 500 * GIB, freeFiles: 1e9, rotating: false, ...fileSystem }),
    timeSyncs: async (_folder, count) => {
      if (syncMs instanceof Error) throw syncMs;
      return Array.from({ length: count }, () => syncMs);
    },
    tryListen: async () => listen,
    ask: async () => ntp,
    ...machine,
  };
  return described;
}

const look = (described: Described, flags: Record<string, string | number | boolean> = {}, pid?: number) =>
  examine(machineWith(described), {
    config: loadConfig({
      flags: { data: "/data", publicUrl: "https://chat.example.org", trustedProxy: true, ...flags },
    }),
    settingsFile: "/etc/relay.json",
    pid,
  });

const bad = (findings: readonly Finding[]) =>
  findings.flatMap((finding) =>
    finding.state === "ok" ? [] : [`${finding.check} ${finding.state}: ${finding.problem}`],
  );

test("on a machine on which all is well every check says so", async () => {
  const findings = await look({});
  expect(bad(findings)).toEqual([]);
  const looked: readonly CheckName[] = [
    ...(["node", "data-folder", "file-system", "free-space", "sync", "open-files", "memory"] as const),
    ...(["clock", "ports", "settings-file", "settings", "backup"] as const),
  ];
  expect(findings.map(({ check }) => check)).toEqual(looked);
});

const clockAt = (now: number): Described => ({ machine: { now: () => now, monotonic: () => 0 } });
type Flags = Record<string, string | number | boolean>;
const SICK: readonly (readonly [sentence: string, machine: Described, flags?: Flags])[] = [
  ["node failed: Node 20.3.1 is too old", { machine: { nodeVersion: "20.3.1" } }],
  ["environment failed: NODE_OPTIONS opens", { machine: { env: { NODE_OPTIONS: "--inspect=0.0.0.0" } } }],
  ["environment failed: NODE_TLS_REJECT", { machine: { env: { NODE_TLS_REJECT_UNAUTHORIZED: "0" } } }],
  ["environment warning: Node is told", { machine: { env: { NODE_USE_ENV_PROXY: "1", HTTPS_PROXY: "http://x" } } }],
  ["data-folder warning: There is no data folder", { files: { "/data": undefined } }],
  ["data-folder failed: The data folder is not a folder", { files: { "/data": { kind: "file" } } }],
  ["data-folder failed: The data folder belongs", { files: { "/data": { ownedByUs: false } } }],
  ["data-folder failed: The data folder can be read by others", { files: { "/data": { mode: 0o750 } } }],
  ["data-folder failed: A restore or a conversion", { files: { "/data/unfinished": {} } }],
  ["data-folder failed: The folder of files belongs", { files: { "/data/blobs": { ownedByUs: false } } }],
  ["file-system failed: The data folder lies in memory", { fileSystem: { type: 0x0102_1994 } }],
  ["file-system failed: The data folder lies on a network", { fileSystem: { type: 0x6969 } }],
  ["file-system failed: The data folder lies on a network", { fileSystem: { type: -0xac_b2be } }], // as a signed number
  ["file-system warning: The data folder lies in the container's", { fileSystem: { type: 0x794c_7630 } }],
  ["file-system warning: The data folder lies on Btrfs", { fileSystem: { type: 0x9123_683e } }],
  ["free-space failed: Only 0.1 GiB", { fileSystem: { freeBytes: 60 * 1024 ** 2 } }],
  ["free-space failed: The file system has hardly any", { fileSystem: { freeFiles: 12 } }],
  ["free-space warning: 49.0 GiB are free", { fileSystem: { freeBytes: 49 * GIB } }],
  ["sync warning: 4 KiB are synced in 5 µs, faster than any disk can", { syncMs: 0.005 }],
  [
    "sync warning: 4 KiB are synced in 300 µs, faster than a turning disk",
    { syncMs: 0.3, fileSystem: { rotating: true } },
  ],
  ["sync warning: 4 KiB are synced in 55.0 ms, which people", { syncMs: 55 }],
  ["sync failed: A file in the data folder cannot", { syncMs: new Error("EIO") }],
  [
    "open-files warning: A process started from here may open 4096 files, but 20000 connections need 21256",
    { texts: { "/proc/self/limits": "Max open files            1024                 4096                 files\n" } },
  ],
  [
    "open-files warning: A process started from here may open 20000 files, but 60000 connections in 2 fronts need 31256 each",
    { texts: { "/proc/self/limits": "Max open files            1024                 20000                files\n" } },
    { maxConnections: 60_000, fronts: 2 },
  ],
  [
    "memory warning: The relay may use 256 MiB",
    { texts: { "/sys/fs/cgroup/system.slice/memory.max": String(256 * 1024 ** 2) } },
  ],
  [
    "memory warning: The relay may use 300 MiB",
    {
      texts: {
        "/proc/self/cgroup": "5:cpu,memory:/docker/ab\n",
        "/sys/fs/cgroup/memory/docker/ab/memory.limit_in_bytes": String(300 * 1024 ** 2),
        "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712",
      },
    },
  ],
  [
    "memory warning: The relay may use 4096 MiB, and about 4408 are needed for 20000 connections and the index of 260000000 entries",
    {
      files: { "/data/segments/0000000001.idx": { bytes: 28 + 24 * 260_000_000 } },
      machine: { list: async (path) => (path === "/data/segments" ? ["0000000001.idx", "0000000001.seg"] : []) },
    },
  ],
  ["clock failed: The clock says 1970", clockAt(0)],
  ["clock failed: The clock says 2107", clockAt(Date.UTC(2107, 1, 1))],
  ["clock failed: The clock is behind", { files: { "/data/relay.sqlite": { modifiedAt: NOW + DAY } } }],
  ["clock warning: The clock is not synchronised", { ntp: "no\n" }],
  ["ports failed: Another program listens on port 8080", { listen: "taken" }],
  ["ports failed: This user may not listen on port 443", { listen: "not-permitted" }, { listen: "127.0.0.1:443" }],
  ["ports failed: This machine does not have", { listen: "not-here" }],
  ["settings-file failed: The settings file cannot", { files: { "/etc/relay.json": undefined } }],
  ["settings-file failed: The settings file can be changed", { files: { "/etc/relay.json": { mode: 0o620 } } }],
  ["settings-file warning: The settings file can be read", { files: { "/etc/relay.json": { mode: 0o644 } } }],
  ["settings warning: publicUrl is without TLS", {}, { publicUrl: "http://chat.example.org" }],
  ["settings warning: The relay listens beyond", {}, { listen: "0.0.0.0:80", trustedProxy: false }],
  ["settings warning: trustedProxy is set while", {}, { listen: "[::]:80" }],
  ["settings warning: Behind a proxy without", {}, { trustedProxy: false }],
  ["settings warning: With admission open", {}, { admission: "open" }],
  ["settings warning: Vaults on a journey", {}, { blobMaxMib: 64 }],
  ["settings warning: One network may take", {}, { maxConnectionsPerPrefix: 20_000, trustedProxy: false }],
  ["backup warning: No backup was ever", { texts: { "/data/last-backup.json": "" } }],
  [
    "backup warning: The last backup is 8 days old",
    { texts: { "/data/last-backup.json": `{"takenAt":${String(NOW - 8 * DAY)}}` } },
  ],
];

test.each(SICK.map(([sentence, machine, flags]) => ({ sentence, machine, flags })))(
  "it is said: $sentence",
  async ({ sentence, machine, flags }) => {
    const findings = await look(machine, flags);
    expect(bad(findings)).toContainEqual(expect.stringContaining(sentence));
  },
);

test("each finding is one sentence of what is wrong and one of what to do", async () => {
  for (const [, machine, flags] of SICK) {
    for (const finding of await look(machine, flags)) {
      if (finding.state === "ok") continue;
      expect(finding.problem).toMatch(/^\S[^\n]*\.$/);
      expect(finding.remedy).toMatch(/^[A-Z][^\n]*\.$/);
    }
  }
});

test("a clock that somebody sets while it is looked at is noticed", async () => {
  let wall = NOW;
  let monotonic = 0;
  const findings = await look({
    machine: {
      now: () => wall,
      monotonic: () => monotonic,
      sleep: async (ms) => {
        wall += ms - 70;
        monotonic += ms;
      },
    },
  });
  expect(bad(findings)).toEqual([expect.stringContaining("clock warning: The clock moved by -70 ms")]);
});

test("of a relay that runs its own limits count, and its ports are not called taken", async () => {
  const limits = "Max open files            512                  512                  files\n";
  const findings = await look({ listen: "taken", texts: { "/proc/77/limits": limits } }, {}, 77);
  expect(bad(findings)).toEqual([expect.stringContaining("The relay may open 512 files")]);
});

test("where messages are in a database elsewhere, no backup is missed here", async () => {
  const postgres = "postgres://relay:secret@db.example/stonechat";
  const findings = await look({ texts: { "/data/last-backup.json": "" } }, { store: "postgres", postgres });
  expect(findings.map(({ check }) => check)).not.toContain("backup");
  expect(JSON.stringify(findings)).not.toMatch(/secret|db\.example/);
});

test("what nobody can know here is not called wrong", async () => {
  const findings = await look({
    machine: { ask: async () => undefined, readText: async () => undefined, fileSystem: async () => undefined },
  });
  expect(bad(findings)).toEqual([expect.stringContaining("backup warning: No backup")]);
});

test("no finding repeats a path, an address or a value that was given", async () => {
  const said: string[] = [];
  for (const [, machine, flags] of SICK)
    said.push(...(await look(machine, flags)).map((finding) => JSON.stringify(finding)));
  expect(said.join("\n")).not.toMatch(/\/data|\/etc|chat\.example|127\.0\.0\.1:\d/);
});

test("on this very machine it looks at everything and leaves nothing behind", async () => {
  const data = join(await temporaryFolder(), "data");
  await mkdir(data, { mode: 0o700 });
  const config = loadConfig({ flags: { data, listen: "127.0.0.1:0" } });
  const findings = await examine(systemMachine, { config, settingsFile: undefined, pid: undefined });
  expect(findings.find(({ check }) => check === "node")?.state).toBe("ok");
  expect(findings.find(({ check }) => check === "data-folder")?.state).toBe("ok");
  expect(findings.map(({ check }) => check)).toEqual(expect.arrayContaining(["sync", "memory", "clock", "open-files"]));
  expect(await readdir(data)).toEqual([]);
});
