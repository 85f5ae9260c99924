import { ClientError, type LockSettings } from "../client-api.ts";
import type { Core } from "../core.ts";
import type { OpenVault } from "../vault/open-vault.ts";

const NAME = "lock-settings";
const MINUTE_MS = 60_000;
/** Until the user chooses: covered after a minute, locked after ten, and ten minutes after the screen was left. */
const DEFAULTS: LockSettings = {
  softAfterMs: MINUTE_MS,
  hardAfterMs: 10 * MINUTE_MS,
  hiddenAfterMs: 10 * MINUTE_MS,
};
const NEVER = -1;

/** @throws ClientError `bad-value` where the profile lies in no vault. */
export function openVault(core: Core): OpenVault {
  if (core.vault === undefined) throw new ClientError("bad-value");
  return core.vault;
}

/** See {@link OpenVault.setDuressPin}. What the vault says of itself is another then. */
export async function setDuressPin(core: Core, pin: string | undefined): Promise<void> {
  await openVault(core).setDuressPin(pin);
  core.emit({ type: "settings-changed" });
}

/** As the user chose them in this vault. */
export async function loadLockSettings(core: Core): Promise<LockSettings> {
  const row = await core.db.transaction((tx) =>
    tx.get<{ value: string }>("SELECT value FROM meta WHERE name = ?", NAME),
  );
  if (row === undefined) return DEFAULTS;
  const [soft, hard, hidden] = row.value.split(" ").map(Number);
  const toDelay = (value: number | undefined): number | undefined => (value === NEVER ? undefined : value);
  return { softAfterMs: toDelay(soft), hardAfterMs: toDelay(hard), hiddenAfterMs: toDelay(hidden) };
}

/** @throws ClientError `bad-value` unless every delay is a whole number of milliseconds or undefined. */
export async function saveLockSettings(core: Core, settings: LockSettings): Promise<void> {
  const { softAfterMs, hardAfterMs, hiddenAfterMs } = settings;
  const delays = [softAfterMs, hardAfterMs, hiddenAfterMs].map((delay) => delay ?? NEVER);
  if (delays.some((delay) => !Number.isSafeInteger(delay) || delay < NEVER)) throw new ClientError("bad-value");
  await core.db.transaction((tx) =>
    tx.run(
      "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      NAME,
      delays.join(" "),
    ),
  );
  core.emit({ type: "settings-changed" });
}
