import { argon2id, type Argon2idCost, type Random } from "@stonechat/crypto";
import type { BlockFiles } from "../../ports/block-files.ts";
import type { Clock } from "../../ports/clock.ts";
import type { GuardTransport } from "../../ports/guard-transport.ts";
import type { ContainerSizes } from "../container/index.ts";

/** What a platform gives a door. */
export interface DoorPorts {
  /** The profile's folder: the door makes `vault.bin` and `device` in it. */
  readonly files: BlockFiles;
  readonly guardTransport: GuardTransport;
  readonly clock: Clock;
  readonly random: Random;
  /** Tests only: what stands for Argon2id. The cost that is recorded and checked stays the product's. */
  readonly stretch?: Stretch;
  readonly sizes?: ContainerSizes;
}

/** Makes 32 bytes of a secret, slowly. */
export type Stretch = (password: Uint8Array, salt: Uint8Array, cost: Argon2idCost) => Uint8Array;

export const CONTAINER_FILE = "vault.bin";

const INPUT_BYTES = 32;
const NO_SECRET_COST: Argon2idCost = { memoryKib: 19 * 1024, passes: 2 };
/** What new secrets cost; existing ones keep what their record says. */
export const SECRET_COSTS = {
  none: NO_SECRET_COST,
  passphrase: { memoryKib: 256 * 1024, passes: 3 },
  pin: { memoryKib: 64 * 1024, passes: 3 },
} as const satisfies Readonly<Record<string, Argon2idCost>>;

/** Argon2id of RFC 9106 with one lane. */
export const stretchWithArgon2id: Stretch = (password, salt, cost) =>
  argon2id({ password, salt, ...cost, length: INPUT_BYTES });
