import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProgram, freePlace, freshFolder, runPeer, type Peer } from "./peer.ts";

/** `sync_interval` may be `always` since this version. */
const SYNCS_SINCE = { major: 2, minor: 10 };

/** NATS JetStream with files, as it comes: it answers before it syncs. */
export const nats: Peer = { name: "NATS JetStream, files, not synced", start: () => start("") };

/** The same, synced before it answers; undefined for versions that cannot. */
export const natsSynced: Peer = {
  name: "NATS JetStream, files, sync_interval always",
  start: async () => {
    const program = findProgram("nats-server");
    return program === undefined || !syncs(program) ? undefined : start("sync_interval: always");
  },
};

async function start(more: string): ReturnType<Peer["start"]> {
  const program = findProgram("nats-server");
  if (program === undefined) return undefined;
  const [place, folder] = [await freePlace(), freshFolder()];
  const file = join(folder, "nats.conf");
  writeFileSync(
    file,
    `host: ${place.host}\nport: ${String(place.port)}\nmax_pending: 256MB\njetstream { store_dir: ${folder}\n${more}\n}\n`,
  );
  return { target: { type: "nats", place }, ...(await runPeer([program, "-c", file], { place, folder })) };
}

function syncs(program: string): boolean {
  const [, major = "0", minor = "0"] =
    /v(\d+)\.(\d+)/.exec(execFileSync(program, ["--version"], { encoding: "utf8" })) ?? [];
  return (
    Number(major) > SYNCS_SINCE.major || (Number(major) === SYNCS_SINCE.major && Number(minor) >= SYNCS_SINCE.minor)
  );
}
