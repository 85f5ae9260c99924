import type { Request } from "@stonechat/protocol";
import { onlyPings, openGreeted } from "../../relay/dialects/relay-greeting.ts";
import type { Place, Wire } from "../../relay/load/wire.ts";
import { benchLog } from "../../relay/stores/bench-log.ts";

const AT_ONCE = 20;

/** Makes the logs from `first` on, `count` of them, over sockets of their own. `initCrypto` must have been awaited. */
export async function createLogs(place: Place, first: number, count: number, each: number): Promise<void> {
  const wires = await openAll(place, first, count, each, (index): Request => {
    const { logId, hash } = benchLog(index);
    const admission = new Uint8Array(0);
    return { type: "create", logId, readHash: hash, appendHash: hash, ownerHash: undefined, admission };
  });
  for (const wire of wires) wire.destroy();
}

/** Connections that follow `each` of these logs, from their beginning. */
export async function followLogs(place: Place, first: number, count: number, each: number): Promise<readonly Wire[]> {
  const wires: Wire[] = [];
  for (let at = 0; at < count; at += each) {
    const items = Array.from({ length: Math.min(each, count - at) }, (_, i) => {
      const { logId, token } = benchLog(first + at + i);
      return { logId, readToken: token, from: 0 };
    });
    wires.push(await openGreeted(place, [{ type: "subscribe", items }], onlyPings));
  }
  return wires;
}

async function openAll(
  place: Place,
  first: number,
  count: number,
  each: number,
  requestOf: (index: number) => Request,
): Promise<readonly Wire[]> {
  const wires: Wire[] = [];
  const starts = Array.from({ length: Math.ceil(count / each) }, (_, i) => i * each);
  for (let next = 0; next < starts.length; next += AT_ONCE) {
    const opened = starts.slice(next, next + AT_ONCE).map((start) => {
      const requests = Array.from({ length: Math.min(each, count - start) }, (_, i) => requestOf(first + start + i));
      return openGreeted(place, requests, onlyPings);
    });
    wires.push(...(await Promise.all(opened)));
  }
  return wires;
}
