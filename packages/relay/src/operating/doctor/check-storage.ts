import { join } from "node:path";
import type { RelayConfig } from "../../config.ts";
import { WORK_FILE } from "../unfinished-work.ts";
import { failed, ok, warning, type Finding } from "./finding.ts";
import type { Machine } from "./machine.ts";

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
const OTHERS = 0o077;
/** Fewer free file names than this, and blobs or segments will soon fail. */
const FEW_FILES = 10_000;
const SYNC_ROUNDS = 60;
/** The fastest of real devices, with a buffer that survives a power cut, need longer for 4 KiB and a sync. */
const IMPLAUSIBLE_MS = 0.012;
/** A turning disk cannot do it in less: it waits for its platter. */
const IMPLAUSIBLE_ROTATING_MS = 1;
/** Slower than this, and people wait for each other at busy times. */
const SLOW_MS = 20;

type Verdict = { readonly state: "warning" | "failed"; readonly problem: string; readonly remedy: string };

const NETWORK: Verdict = {
  state: "failed",
  problem: "The data folder lies on a network file system, where locks and syncs do not hold.",
  remedy: "Move it to a local disk.",
};
const MEMORY: Verdict = {
  state: "failed",
  problem: "The data folder lies in memory: everything is lost when the machine restarts.",
  remedy: "Move it to a local disk.",
};
const FOREIGN: Verdict = {
  state: "warning",
  problem:
    "The data folder lies on a file system that another program or machine serves, whose syncs nobody can check.",
  remedy: "Move it to a local disk, or make sure by cutting the power that what was synced is there.",
};

/** By the system's magic numbers, from Linux's `magic.h`. */
const FILE_SYSTEMS: ReadonlyMap<number, Verdict> = new Map([
  [0x0102_1994, MEMORY], // tmpfs
  [0x8584_58f6, MEMORY], // ramfs
  [0x6969, NETWORK], // nfs
  [0xff53_4d42, NETWORK], // cifs
  [0xfe53_4d42, NETWORK], // smb2
  [0x517b, NETWORK], // smb
  [0x00c3_6400, NETWORK], // ceph
  [0x0102_1997, FOREIGN], // 9p
  [0x6573_5546, FOREIGN], // fuse
  [
    0x794c_7630,
    {
      state: "warning",
      problem: "The data folder lies in the container's own layer and goes when the container is removed.",
      remedy: "Mount a volume of the machine there.",
    },
  ], // overlayfs
  [
    0x9123_683e,
    {
      state: "warning",
      problem: "The data folder lies on Btrfs, whose snapshots keep what the relay has erased.",
      remedy:
        "Leave the folder out of snapshots, and turn copy-on-write off for it (chattr +C) before the first start.",
    },
  ], // btrfs
  [
    0x2fc1_2fc1,
    {
      state: "warning",
      problem: "The data folder lies on ZFS, whose snapshots keep what the relay has erased.",
      remedy: "Leave its dataset out of snapshots, and make sure that sync is not set to disabled.",
    },
  ], // zfs
]);

/** Where data is kept: who may read it, what it lies on, how much room there is, and whether the disk keeps its word. */
export async function checkStorage(machine: Machine, config: RelayConfig): Promise<readonly Finding[]> {
  const folder = await machine.facts(config.data);
  if (folder === undefined)
    return [warning("data-folder", "There is no data folder yet.", "The first start makes it; then look again.")];
  const access = checkAccess(folder);
  if (access.state === "failed") return [access];
  const system = await machine.fileSystem(config.data);
  return [
    access,
    ...(await checkWork(machine, config.data)),
    ...(await checkBlobs(machine, config.data)),
    ...(system === undefined ? [] : [checkFileSystem(system.type), checkRoom(system, config)]),
    await checkSync(machine, config.data, system?.rotating),
  ];
}

function checkAccess({ kind, mode, ownedByUs }: NonNullable<Awaited<ReturnType<Machine["facts"]>>>): Finding {
  if (kind !== "folder") return failed("data-folder", "The data folder is not a folder.", "Name another one.");
  if (!ownedByUs)
    return failed(
      "data-folder",
      "The data folder belongs to another user.",
      "Run this as the relay's user; if you did, chown the folder to it.",
    );
  if ((mode & OTHERS) !== 0)
    return failed("data-folder", "The data folder can be read by others.", "Close it: chmod 700 on the folder.");
  return ok("data-folder", "closed to other users");
}

async function checkWork(machine: Machine, data: string): Promise<readonly Finding[]> {
  if ((await machine.facts(join(data, WORK_FILE))) === undefined) return [];
  return [
    failed(
      "data-folder",
      "A restore or a conversion of the data folder was not finished, so that no relay starts on it.",
      "Run the same command again, to its end.",
    ),
  ];
}

/** A link in it would lead writes, backups and erasing elsewhere. */
async function checkBlobs(machine: Machine, data: string): Promise<readonly Finding[]> {
  const blobs = await machine.facts(`${data}/blobs`);
  if (blobs === undefined || blobs.ownedByUs) return [];
  return [
    failed(
      "data-folder",
      "The folder of files belongs to another user.",
      "Give it back with all in it: chown -R to the relay's user.",
    ),
  ];
}

function checkFileSystem(type: number): Finding {
  const verdict = FILE_SYSTEMS.get(type >>> 0);
  if (verdict === undefined) return ok("file-system", "a local one");
  return { check: "file-system", ...verdict };
}

function checkRoom(
  { freeBytes, freeFiles }: NonNullable<Awaited<ReturnType<Machine["fileSystem"]>>>,
  config: RelayConfig,
): Finding {
  const free = `${(freeBytes / GIB).toFixed(1)} GiB`;
  if (freeBytes < config.reserveMib * MIB)
    return failed(
      "free-space",
      `Only ${free} are free, less than reserveMib: the relay accepts nothing new.`,
      "Free some room or use a larger disk; the relay goes on by itself.",
    );
  if (freeFiles < FEW_FILES)
    return failed(
      "free-space",
      "The file system has hardly any free inodes.",
      "Remove small files, or make the file system anew with more inodes.",
    );
  if (freeBytes < config.blobTotalMib * MIB)
    return warning(
      "free-space",
      `${free} are free, but files alone may take ${(config.blobTotalMib / 1024).toFixed(1)} GiB (blobTotalMib).`,
      "Lower blobTotalMib or use a larger disk, so that files cannot leave messages without room.",
    );
  return ok("free-space", `${free} free`);
}

async function checkSync(machine: Machine, folder: string, rotating: boolean | undefined): Promise<Finding> {
  let times: readonly number[];
  try {
    times = await machine.timeSyncs(folder, SYNC_ROUNDS);
  } catch {
    return failed(
      "sync",
      "A file in the data folder cannot be written and synced.",
      "Look at the disk and at the system's log before the relay is started.",
    );
  }
  const median = [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
  const took = `4 KiB are synced in ${median < 1 ? `${(median * 1000).toFixed(0)} µs` : `${median.toFixed(1)} ms`}`;
  if (median < (rotating === true ? IMPLAUSIBLE_ROTATING_MS : IMPLAUSIBLE_MS))
    return warning(
      "sync",
      `${took}, faster than ${rotating === true ? "a turning disk" : "any disk"} can: it says that data is safe when it is not.`,
      "Turn the write cache off (hdparm -W 0) or make the hypervisor pass syncs on; a power cut loses messages otherwise.",
    );
  if (median > SLOW_MS)
    return warning(
      "sync",
      `${took}, which people notice as waiting.`,
      "Use an SSD, best one with power-loss protection.",
    );
  return ok("sync", took);
}
