import { createContext, use } from "react";
import type { SecretJudgement, VaultMode } from "@stonechat/core/client-api";

/** What no open client can do: it concerns the vault from outside, so the place that runs the core does it. */
export interface VaultActions {
  /** A new random secret: six digits, or six words. */
  readonly proposeSecret: (mode: VaultMode) => Promise<string>;
  readonly judgeSecret: (mode: VaultMode, secret: string) => Promise<SecretJudgement>;
  /** The ten digits in a random order. */
  readonly shuffledDigits: () => Promise<readonly string[]>;
  /** Burns what has disappeared, then takes the keys out of memory. */
  readonly lock: () => Promise<void>;
  /** Closes this vault and opens its decoy, to fill it. */
  readonly visitDecoy: () => Promise<void>;
  /** Shows the rehearsal: a lock screen over a throw-away vault. */
  readonly rehearse: () => Promise<void>;
  /** Destroys everything on this device and at the guards. */
  readonly wipe: () => Promise<void>;
  /** Takes the vault off this device once it lies at the relay; the guards keep their part. */
  readonly leaveForTravel: () => Promise<void>;
}

export const VaultActionsContext = createContext<VaultActions | undefined>(undefined);

/** @throws RangeError where nothing runs a vault: our mistake. */
export function useVaultActions(): VaultActions {
  const actions = use(VaultActionsContext);
  if (actions === undefined) throw new RangeError("no vault here");
  return actions;
}
