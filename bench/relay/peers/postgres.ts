import { execFileSync, spawnSync } from "node:child_process";
import { chownSync, globSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findProgram, freePlace, freshFolder, runPeer, type Peer } from "./peer.ts";

const POLL_MS = 100;

/** PostgreSQL as it comes, with room for the connections and the log of writes. */
export const postgres: Peer = {
  name: "PostgreSQL, multi-row inserts + NOTIFY",
  start: async () => {
    const initdb = globSync("/usr/lib/postgresql/*/bin/initdb").toSorted().at(-1) ?? findProgram("initdb");
    if (initdb === undefined) return undefined;
    const [place, folder] = [await freePlace(), freshFolder()];
    const prefix = asOther(folder);
    if (prefix === undefined) return undefined;
    const data = join(folder, "data");
    const [make, ...flags] = [
      ...prefix,
      initdb,
      "-D",
      data,
      "-U",
      "postgres",
      "-A",
      "trust",
      "-E",
      "UTF8",
      "--locale=C",
    ];
    execFileSync(make, flags, { stdio: "ignore" });
    const settings = {
      ...{ listen_addresses: place.host, port: String(place.port), unix_socket_directories: folder },
      ...{ max_connections: "300", shared_buffers: "256MB", max_wal_size: "4GB" },
    };
    const options = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    const program = [...prefix, join(initdb, "../postgres"), "-D", data, ...options];
    const running = await runPeer(program, { place, folder });
    const ready = [join(initdb, "../pg_isready"), "-q", "-h", place.host, "-p", String(place.port)] as const;
    while (spawnSync(ready[0], ready.slice(1)).status !== 0) await sleep(POLL_MS);
    return { target: { type: "postgres", place }, ...running };
  },
};

/** PostgreSQL refuses to run as root: then it runs as Debian's user for it, who gets the folder. */
function asOther(folder: string): readonly string[] | undefined {
  if (process.getuid?.() !== 0) return [];
  const setpriv = findProgram("setpriv");
  const [uid, gid] = ["-u", "-g"].map((flag) => {
    try {
      return Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
    } catch {
      return undefined;
    }
  });
  if (setpriv === undefined || uid === undefined || gid === undefined) return undefined;
  chownSync(folder, uid, gid);
  return [setpriv, `--reuid=${String(uid)}`, `--regid=${String(gid)}`, "--clear-groups"];
}
