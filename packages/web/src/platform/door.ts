import type {
  GuardsView,
  NewVault,
  SecretJudgement,
  UnlockResult,
  VaultMode,
  VaultStatus,
} from "@stonechat/core/client-api";

/** What a try of a PIN opened in a rehearsal. */
export type RehearsalResult = "real" | "decoy" | "wrong" | "unreachable";

/**
 * What the page can ask of the worker that holds the vault, besides what it asks of an open client. Secrets go in;
 * no key ever comes out. Every method may throw `ClientError`.
 */
export interface Door {
  status(): Promise<VaultStatus>;
  /** Guards that this page's relay publishes. */
  offeredGuards(): Promise<GuardsView | undefined>;
  /** A new random secret: six digits, or six words. */
  proposeSecret(mode: VaultMode): Promise<string>;
  judgeSecret(mode: VaultMode, secret: string): Promise<SecretJudgement>;
  /** The ten digits in a random order, for a keypad that tells nothing to who watches the hand. */
  shuffledDigits(): Promise<readonly string[]>;
  /** Makes a vault and opens it: the client answers from then on. */
  create(input: NewVault): Promise<void>;
  /** After `opened` the client answers. */
  unlock(secret: string): Promise<UnlockResult>;
  /** Closes the open vault and opens its decoy, to fill it. */
  visitDecoy(): Promise<void>;
  /** Closes the open vault; first burns what has disappeared. */
  close(): Promise<void>;
  wipe(): Promise<void>;
  /** After `prepareTravel`: takes the files off this device. */
  forget(): Promise<void>;
  restoreTravel(input: { readonly code: string; readonly relayUrl?: string }): Promise<void>;
  /** Makes a throw-away vault in memory, with the real guards. */
  beginRehearsal(pin: string, duressPin: string): Promise<void>;
  tryRehearsal(pin: string): Promise<RehearsalResult>;
  endRehearsal(): Promise<void>;
}

/** How far a vault has come back from a journey, in bytes. */
export type OnTravelProgress = (done: number, total: number) => void;
