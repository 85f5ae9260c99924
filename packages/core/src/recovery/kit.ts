import { equalSecrets, sha256 } from "@stonechat/crypto";
import {
  instant,
  KIT_TTL_SECONDS,
  opaque,
  struct,
  structure,
  toHex,
  uint8,
  versioned,
  type KitFile,
} from "@stonechat/protocol";
import type { RecoveryKitView } from "../client-api.ts";
import { write, type CoreContext } from "../context.ts";
import type { Account } from "../identity/account.ts";
import type { Transaction } from "../vault/database.ts";
import type { OpenVault } from "../vault/open-vault.ts";
import { collectKit, sameKit } from "./kit-contents.ts";
import { removeKit, uploadKit } from "./kit-blob.ts";
import { printKit } from "./kit-code.ts";
import { identitySeed, KIT_SLOTS, type KitSlot } from "./kit-secrets.ts";
import { metaValue } from "./meta.ts";
import { isRemoved } from "./removed.ts";
import { isReturning } from "./returning.ts";

/** A third of the time that the relay keeps it, so that a device that sleeps for weeks loses nothing. */
const REFRESH_AFTER_MS = (KIT_TTL_SECONDS * 1000) / 3;

type Core = CoreContext & { readonly vault: OpenVault | undefined };

/** That there is a kit, and what of it lies at the relay. `digest`: SHA-256 of what the file says. */
const kitRecord = structure(
  "KitRecord",
  128,
  versioned(1, struct({ madeAt: instant, uploadedAt: instant, slot: uint8, digest: opaque(32) })),
);
const record = metaValue("recovery-kit", kitRecord);

/** Prints the kit and uploads its file. @throws ClientError @throws RelayUnavailable */
export async function makeKit(core: Core): Promise<RecoveryKitView> {
  const account = core.account();
  const { file } = await upload(core, account, core.clock.now());
  const { words, qr } = printKit(identitySeed(account), account.relayUrl, file.deviceLists);
  return {
    words,
    qr,
    relayUrl: account.relayUrl,
    accountId: toHex(account.identityKey),
    name: account.name,
    madeAt: file.madeAt,
    keptUntil: file.madeAt + KIT_TTL_SECONDS * 1000,
  };
}

export async function kitMadeAt(core: Pick<CoreContext, "db">): Promise<number | undefined> {
  return (await core.db.transaction((tx) => record.load(tx)))?.madeAt;
}

/** Takes the file off the relay. Until that is done the kit counts as there. @throws RelayUnavailable */
export async function revokeKit(core: Core): Promise<void> {
  const account = core.account();
  for (const slot of KIT_SLOTS) await removeKit(core, account.relayUrl, identitySeed(account), slot);
  await write(core, (tx, afterwards) => {
    record.clear(tx);
    afterwards.emit({ type: "settings-changed" });
  });
}

/** Uploads a fresh file if there is a kit and its file is out of date or grows old. @throws ClientError @throws RelayUnavailable */
export async function refreshKit(core: Core): Promise<void> {
  const account = core.account();
  const due = await core.db.transaction((tx) => {
    const known = record.load(tx);
    if (known === undefined || isRemoved(tx) || isReturning(tx)) return undefined;
    const digest = digestOf(collectKit(tx, account, core.vault, 0));
    const age = core.clock.now() - known.uploadedAt;
    // A clock that was set back must not keep the file from being refreshed until it has caught up.
    const fresh = equalSecrets(digest, known.digest) && age >= 0 && age < REFRESH_AFTER_MS;
    return fresh ? undefined : known.madeAt;
  });
  if (due !== undefined) await upload(core, account, due);
}

/** A device that was made from a kit goes on with it: its file is still the old one, in this place. */
export function adoptKit(tx: Transaction, madeAt: number, slot: KitSlot): void {
  record.save(tx, { madeAt, uploadedAt: 0, slot, digest: new Uint8Array(32) });
}

async function upload(core: Core, account: Account, madeAt: number): Promise<{ readonly file: KitFile }> {
  const { file, slot } = await core.db.transaction((tx) => ({
    file: collectKit(tx, account, core.vault, core.clock.now()),
    slot: record.load(tx)?.slot === 0 ? (1 as const) : (0 as const),
  }));
  const seed = identitySeed(account);
  await uploadKit(core, account.relayUrl, seed, slot, file);
  await write(core, (tx, afterwards) => {
    record.save(tx, { madeAt, uploadedAt: file.madeAt, slot, digest: digestOf(file) });
    afterwards.emit({ type: "settings-changed" });
  });
  await removeKit(core, account.relayUrl, seed, slot === 0 ? 1 : 0);
  return { file };
}

function digestOf(file: KitFile): Uint8Array {
  return sha256(sameKit(file));
}
