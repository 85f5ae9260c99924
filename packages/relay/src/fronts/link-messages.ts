import {
  boolean,
  bytes,
  entry,
  list,
  logId,
  struct,
  structure,
  uint32,
  uint53,
  union,
  type Structure,
  type ValueOf,
} from "@stonechat/protocol";
import { operation, outcome } from "../store/operations.ts";

/** What one message may weigh: what a `<V>` length can say, and far more than is ever sent at once. */
const MAX_BYTES = 0x3fff_ffff;
const MAX_ITEMS = 1_000_000;
const MAX_CODE_BYTES = 1024;
const code = bytes(MAX_CODE_BYTES);

/** From a front to the hub. `id` comes back with the answer. */
const toHub = union({
  ask: [1, struct({ id: uint32, operation })],
  admit: [2, struct({ id: uint32, code })],
  refund: [3, struct({ id: uint32, code })],
  /** All counters since the front's start, in the order of their names, then open connections and followed logs. */
  figures: [4, struct({ counters: list(uint53, 200, 4096), connections: uint53, followedLogs: uint53 })],
  /** The front listens there. */
  ready: [5, struct({ port: uint32 })],
});

/** From the hub to a front. */
const toFront = union({
  outcome: [1, struct({ id: uint32, outcome })],
  admitted: [2, struct({ id: uint32, yes: boolean })],
  /** Another front's client stored this. */
  stored: [3, struct({ logId, epoch: uint53, entry })],
  changed: [4, struct({ logId })],
  storage: [5, struct({ low: boolean })],
  /** Take nothing new, answer what came, and end. */
  finish: [6, struct({})],
});

export type ToHub = ValueOf<typeof toHub>;
export type ToFront = ValueOf<typeof toFront>;

/** One message each way is a list, so that what happens in one turn of the event loop travels together. */
export const toHubBatch: Structure<readonly ToHub[]> = structure("ToHub", MAX_BYTES, list(toHub, MAX_ITEMS, MAX_BYTES));
export const toFrontBatch: Structure<readonly ToFront[]> = structure(
  "ToFront",
  MAX_BYTES,
  list(toFront, MAX_ITEMS, MAX_BYTES),
);

/** About how many bytes a message to the hub is: those that can be large count. */
export function weighToHub(item: ToHub): number {
  if (item.type !== "ask") return 0;
  const { operation } = item;
  if (operation.type === "pool-put") return operation.keyPackages.reduce((sum, { length }) => sum + length, 0);
  return operation.type === "append" || operation.type === "commit" ? operation.body.length : 0;
}

/** The same of one to a front. */
export function weighToFront(item: ToFront): number {
  if (item.type === "stored") return item.entry.body.length;
  if (item.type !== "outcome" || item.outcome.type !== "page") return 0;
  return item.outcome.entries.reduce((sum, { body }) => sum + body.length, 0);
}
