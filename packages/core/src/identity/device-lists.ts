import { sha256, sign, verify } from "@stonechat/crypto";
import {
  deviceList,
  signedDeviceList,
  toHex,
  type DeviceKey,
  type DeviceList,
  type IdentityKey,
  type ListHead,
  type Signature,
  type SignedDeviceList,
} from "@stonechat/protocol";
import type { Instant } from "../ports/clock.ts";

const DAY_MS = 86_400_000;
/** Whoever joins a conversation gets the whole chain of each member: nobody's may grow without end. */
export const MAX_CHAIN = 64;

/** Why a device list was refused. `fork`: its owner, or who holds his key, signed two different lists with one number. */
export type DeviceListErrorCode =
  "wrong-identity" | "bad-signature" | "gap" | "fork" | "bad-order" | "bad-day" | "too-early" | "too-long";

/** A device list that does not continue what we know. Nothing was changed. */
export class DeviceListError extends Error {
  override readonly name = "DeviceListError";
  readonly code: DeviceListErrorCode;

  constructor(code: DeviceListErrorCode) {
    super(code);
    this.code = code;
  }
}

/** A list whose signature and place in its chain were checked. */
export interface CheckedList {
  readonly list: DeviceList;
  readonly head: ListHead;
  readonly signed: SignedDeviceList;
}

/** SHA-256 of the encoded signed list. */
export function toListHead(signed: SignedDeviceList): ListHead {
  return sha256(signedDeviceList.encode(signed)) as ListHead;
}

/** Signs the list that follows `previous`, or the first one. */
export function signNextList(
  identity: { readonly publicKey: IdentityKey; readonly privateKey: Uint8Array },
  devices: readonly DeviceKey[],
  previous: CheckedList | undefined,
  now: Instant,
): CheckedList {
  const list: DeviceList = {
    identityKey: identity.publicKey,
    seq: previous === undefined ? 0 : previous.list.seq + 1,
    previous: previous?.head,
    day: Math.max(Math.floor(now / DAY_MS), previous?.list.day ?? 0),
    devices: [...devices].sort(compareBytes),
  };
  const bytes = deviceList.encode(list);
  const signed = { list: bytes, signature: sign("device list", bytes, identity.privateKey) as Signature };
  return { list, signed, head: toListHead(signed) };
}

/**
 * Checks that `lists` continue, without a gap, the chain of `identity` whose newest known link is `known` (or begin it).
 * Lists at or before `known` are skipped only if `headAt` says that they are the very ones we hold.
 *
 * @param headAt - The head that we hold for a number, if we hold it.
 * @returns The new lists, oldest first.
 * @throws DeviceListError
 */
export function checkChain(
  identity: IdentityKey,
  known: CheckedList | undefined,
  lists: readonly SignedDeviceList[],
  headAt: (seq: number) => ListHead | undefined,
  now: Instant,
): readonly CheckedList[] {
  const fresh: CheckedList[] = [];
  let last = known;
  for (const signed of lists) {
    const list = deviceList.decode(signed.list);
    const head = toListHead(signed);
    if (toHex(list.identityKey) !== toHex(identity)) throw new DeviceListError("wrong-identity");
    if (!verify("device list", signed.list, signed.signature, identity)) throw new DeviceListError("bad-signature");
    const held = headAt(list.seq);
    if (held !== undefined && toHex(held) !== toHex(head)) throw new DeviceListError("fork");
    if (last !== undefined && list.seq <= last.list.seq) {
      if (held === undefined) throw new DeviceListError("gap");
      continue;
    }
    checkLink(list, last, now);
    last = { list, head, signed };
    fresh.push(last);
  }
  return fresh;
}

/** The greatest number among lists; -1 if there is none. @throws WireError */
export function lastSeq(lists: readonly SignedDeviceList[]): number {
  return Math.max(-1, ...lists.map(({ list }) => deviceList.decode(list).seq));
}

function checkLink(list: DeviceList, previous: CheckedList | undefined, now: Instant): void {
  const expectedSeq = previous === undefined ? 0 : previous.list.seq + 1;
  if (list.seq !== expectedSeq) throw new DeviceListError("gap");
  if (list.seq >= MAX_CHAIN) throw new DeviceListError("too-long");
  if (hexOf(list.previous) !== hexOf(previous?.head))
    throw new DeviceListError(previous === undefined ? "gap" : "fork");
  if (list.devices.length === 0) throw new DeviceListError("bad-order");
  if (list.devices.some((key, i) => i > 0 && compareBytes(list.devices[i - 1] ?? key, key) >= 0))
    throw new DeviceListError("bad-order");
  if (list.day < (previous?.list.day ?? 0)) throw new DeviceListError("bad-day");
  if (list.day > Math.floor(now / DAY_MS) + 2) throw new DeviceListError("too-early");
}

function hexOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : toHex(bytes);
}

/** Orders byte strings as unsigned numbers of one length. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.min(a.length, b.length); i += 1) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
