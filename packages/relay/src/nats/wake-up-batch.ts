import {
  entry,
  list,
  logId,
  struct,
  structure,
  uint16,
  uint53,
  union,
  type Structure,
  type ValueOf,
} from "@stonechat/protocol";
import type { StoredEntry, WakeUpListener } from "../service/wake-ups.ts";

/** What one message between relays may weigh: nats-server takes 1 MiB unless it is told otherwise. */
export const MAX_WAKE_UPS_BYTES = 900_000;
/** Entries up to this size travel with their wake-up, so that nobody need read them from the store. */
const MAX_CARRIED_BYTES = 64 * 1024;
const MAX_WAKE_UPS = 10_000;

const wakeUp = union({
  stored: [1, struct({ logId, epoch: uint53, entry })],
  /** Everything before `next` was stored; what it was is too large to be told here. */
  reached: [2, struct({ logId, next: uint53 })],
  changed: [3, struct({ logId })],
  /** The sender could not be heard for a while. */
  missed: [4, struct({})],
});
export type WakeUp = ValueOf<typeof wakeUp>;

/**
 * What one relay tells the others in one turn. `version` lets relays of two versions share a subject: the one that does
 * not understand looks at the store instead.
 *
 * ```text
 * struct { uint16 version; WakeUp wake_ups<V>; } WakeUps;
 * ```
 */
export const wakeUpBatch: Structure<{ readonly version: number; readonly wakeUps: readonly WakeUp[] }> = structure(
  "WakeUps",
  2 * MAX_WAKE_UPS_BYTES,
  struct({ version: uint16, wakeUps: list(wakeUp, MAX_WAKE_UPS, 2 * MAX_WAKE_UPS_BYTES) }),
);
export const WAKE_UPS_VERSION = 1;

/** How a stored entry is told: whole when it is small. */
export function toWakeUp(stored: StoredEntry): WakeUp {
  const { logId, entry } = stored;
  if (entry.body.length <= MAX_CARRIED_BYTES) return { type: "stored", ...stored };
  return { type: "reached", logId, next: entry.seq + 1 };
}

/** About how long it is when encoded. */
export function weightOf(wakeUp: WakeUp): number {
  return wakeUp.type === "stored" ? wakeUp.entry.body.length + 96 : 48;
}

/** Tells a listener what was heard. */
export function deliver(wakeUp: WakeUp, listener: WakeUpListener): void {
  switch (wakeUp.type) {
    case "stored": {
      const { logId, epoch, entry } = wakeUp;
      listener.stored({ logId, epoch, entry });
      break;
    }
    case "reached":
      listener.reached(wakeUp.logId, wakeUp.next);
      break;
    case "changed":
      listener.changed(wakeUp.logId);
      break;
    case "missed":
      listener.missed();
      break;
  }
}
