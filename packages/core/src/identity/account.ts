import { signKeyPair, type Random } from "@stonechat/crypto";
import {
  bytes,
  MAX_NAME_BYTES,
  MAX_URL_BYTES,
  opaque,
  struct,
  structure,
  text,
  uint53,
  versioned,
  type DeviceKey,
  type IdentityKey,
  type GroupId,
  type ValueOf,
} from "@stonechat/protocol";
import type { DeviceKeys } from "../mls/contract.ts";
import type { Transaction } from "../vault/database.ts";

/** What this device knows of its own account. The private keys never leave the database. */
const accountRecord = structure(
  "AccountRecord",
  4096,
  versioned(
    1,
    struct({
      identityKey: opaque<IdentityKey>(32),
      identityPrivateKey: opaque(64),
      deviceKey: opaque<DeviceKey>(32),
      devicePrivateKey: opaque(64),
      name: text(MAX_NAME_BYTES),
      deviceName: text(MAX_NAME_BYTES),
      relayUrl: text(MAX_URL_BYTES),
      admission: bytes(64),
      ownGroupId: opaque<GroupId>(32),
      createdAt: uint53,
      poolId: opaque(32),
      poolOwnerToken: opaque(32),
      /** See `pool-secrets.ts`. */
      poolSecret: opaque(32),
    }),
  ),
);

export type Account = ValueOf<typeof accountRecord.codec>;

/** Fresh keys for a new account with one device. */
export function createAccountKeys(
  random: Random,
): Pick<Account, "identityKey" | "identityPrivateKey" | "deviceKey" | "devicePrivateKey"> {
  const identity = signKeyPair(random);
  const device = signKeyPair(random);
  return {
    identityKey: identity.publicKey as IdentityKey,
    identityPrivateKey: identity.privateKey,
    deviceKey: device.publicKey as DeviceKey,
    devicePrivateKey: device.privateKey,
  };
}

export function toDeviceKeys(account: Account): DeviceKeys {
  return { identityKey: account.identityKey, deviceKey: account.deviceKey, privateKey: account.devicePrivateKey };
}

export function loadAccount(tx: Transaction): Account | undefined {
  const row = tx.get<{ value: Uint8Array }>("SELECT value FROM meta WHERE name = 'account'");
  return row === undefined ? undefined : accountRecord.decode(row.value);
}

export function saveAccount(tx: Transaction, account: Account): void {
  tx.run(
    "INSERT INTO meta (name, value) VALUES ('account', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    accountRecord.encode(account),
  );
}
