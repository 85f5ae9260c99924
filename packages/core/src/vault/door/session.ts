import type { BlockFile } from "../../ports/block-file.ts";
import type { Container } from "../container/index.ts";
import { openHead, type Head } from "../lock/head.ts";
import { toHeadKey, toUnlockKey } from "../lock/keys.ts";
import type { LockArea } from "../lock/lock-area.ts";
import { toSalt } from "../lock/keys.ts";
import type { ReadyDevice } from "./device-record.ts";
import type { DeviceStore } from "./device-store.ts";
import type { GuardLink } from "./guard-links.ts";
import { normaliseSecret } from "./judge-secret.ts";
import { stretchWithArgon2id, type DoorPorts } from "./ports.ts";

/** What an open vault holds, and what each renewal replaces. */
export interface Session {
  readonly ports: DoorPorts;
  readonly store: DeviceStore;
  readonly file: BlockFile;
  readonly container: Container;
  readonly links: readonly GuardLink[];
  readonly slot: number;
  readonly foreignGuesses: number;
  device: ReadyDevice;
  area: LockArea;
  /** What the secret was stretched to. */
  input: Uint8Array;
  unlockKey: Uint8Array;
  head: Head;
  guardsReached: number;
  /** The last of `device.numbersUsed` is this session's, and no renewal has used it yet. */
  numberReserved: boolean;
  /** The device record could not be written, and nobody knows which one is on the disk: nothing may be renewed. */
  broken: boolean;
}

/** The decoy as the real vault keeps it. */
export interface Decoy {
  readonly slot: number;
  readonly input: Uint8Array;
  readonly unlockKey: Uint8Array;
  readonly head: Head;
}

/** What a secret is stretched to on this device: 32 bytes. Slow. */
export function stretchSecret(ports: DoorPorts, device: ReadyDevice, secret: string): Uint8Array {
  if (device.openKey !== undefined) return device.openKey;
  const { mode, cost, deviceSecret } = device;
  const password = new TextEncoder().encode(normaliseSecret(mode, secret));
  return (ports.stretch ?? stretchWithArgon2id)(password, toSalt(deviceSecret, mode, cost), cost);
}

/** The unlock key of an output of the VOPRF, or of an input where there are no guards. */
export function unlockKeyOf(device: ReadyDevice, output: Uint8Array): Uint8Array {
  return toUnlockKey(output, device.deviceSecret, device.mode, device.cost);
}

/** The decoy that this vault keeps alive, or undefined. */
export function loadDecoy({ head: { duress }, area, device }: Session): Decoy | undefined {
  const sealed = duress === undefined ? undefined : area.heads[duress.slot];
  if (duress === undefined || sealed === undefined) return undefined;
  const { slot, input, unlockKey, lineSecret } = duress;
  const head = openHead(sealed, toHeadKey(lineSecret, unlockKey, device.deviceSecret), slot);
  return head === undefined ? undefined : { slot, input, unlockKey, head };
}
