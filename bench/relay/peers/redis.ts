import { findProgram, freePlace, freshFolder, runPeer, type Peer } from "./peer.ts";

/** Redis that syncs its append-only file before it answers. */
export const redis: Peer = {
  name: "Redis, appendfsync always, XADD + PUBLISH",
  start: async () => {
    const program = findProgram("redis-server");
    if (program === undefined) return undefined;
    const [place, folder] = [await freePlace(), freshFolder()];
    const settings = {
      ...{ port: String(place.port), bind: place.host, dir: folder, save: "" },
      ...{ appendonly: "yes", appendfsync: "always", "no-appendfsync-on-rewrite": "no" },
    };
    const flags = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
    return { target: { type: "redis", place }, ...(await runPeer([program, ...flags], { place, folder })) };
  },
};
