import type { BurnOutcome } from "../client-views.ts";
import type {
  NewVault,
  GuardsView,
  SecretJudgement,
  UnlockResult,
  VaultMode,
  VaultStatus,
  VaultView,
} from "../vault-api.ts";
import type { BlockFile } from "../ports/block-file.ts";
import type { BlockFiles } from "../ports/block-files.ts";

/**
 * What stands before a vault: everything that can be done without a secret, and the ways to open it. One door to one
 * profile folder; who holds an open vault closes it before the door opens another.
 */
export interface VaultDoor {
  status(): Promise<VaultStatus>;
  /** The guards that the relay publishes. @returns undefined if it has none. @throws ClientError `guards-unreachable`. */
  offeredGuards(relayUrl: string): Promise<GuardsView | undefined>;
  /** A new random PIN of six digits that {@link VaultDoor.judgeSecret} finds good. */
  proposePin(): string;
  /** Six random words. */
  proposePassphrase(): string;
  judgeSecret(mode: VaultMode, secret: string): SecretJudgement;
  /** Makes a vault and opens it. @throws ClientError `vault-exists`, `no-guards`, `guards-unreachable`, `guards-refused`, `bad-secret`, `storage-full`. */
  create(input: NewVault): Promise<OpenVault>;
  /** Opens whatever the secret opens. Undefined vault for anything but `opened`. A vault of mode `none` takes the empty secret. */
  unlock(secret: string): Promise<{ readonly result: UnlockResult; readonly vault: OpenVault | undefined }>;
  /**
   * Destroys everything without a secret: guards' records as far as they can be reached within a few seconds, then keys,
   * then the files. Keys go first: killed at any step, nothing can be opened any more, and the next start goes on.
   */
  wipe(): Promise<{ readonly guardsReached: number; readonly guards: number }>;
  /** Takes the files off this device and leaves the guards alone: for travel, after the vault was uploaded. */
  forget(): Promise<void>;
  /** Puts a vault in place that {@link OpenVault.exportSource} wrote. @throws ClientError `vault-exists`, `bad-secret` if it is damaged. */
  importFrom(source: VaultBytes): Promise<void>;
}

/** Bytes of a vault on their way: read or written in order. */
export interface VaultBytes {
  readonly size: number;
  read(into: Uint8Array, at: number): Promise<number>;
}

/** A vault that is open. Holds keys: close it. */
export interface OpenVault {
  /** The files inside its slot: database and attachments. */
  readonly files: BlockFiles;
  view(): VaultView;
  /** Resolves when the renewal that follows every unlock is done or was given up. */
  settled(): Promise<void>;
  /**
   * Re-keys the slot and renews the guards' entries, so that nothing deleted before can be read again, not even from an
   * older copy of the device with the right secret; without guards (`deleted`) from this one alone. Nobody may write files
   * meanwhile.
   */
  burn(): Promise<BurnOutcome>;
  changeSecret(input: { readonly current: string; readonly next: string }): Promise<void>;
  /** Checks a secret against this session without guards: for the soft lock. Three wrong ones in a row close the vault. */
  recognises(secret: string): Promise<boolean>;
  /** Destroy mode, real vault only. `undefined` takes the duress PIN away. @throws ClientError `bad-secret`, `guards-unreachable`, `not-possible`. */
  setDuressPin(pin: string | undefined): Promise<void>;
  /** Enters the decoy without its PIN, to fill it. Closes this vault. @throws ClientError `not-possible`. */
  visitDecoy(): Promise<OpenVault>;
  /** Conceal mode: makes another vault that this one keeps alive without knowing it. @throws ClientError as setDuressPin. */
  addHidden(pin: string): Promise<void>;
  /** Secrets that destroy this device's guard records from anywhere, one a guard: for the recovery kit. */
  revocations(): readonly { readonly url: string; readonly recordId: Uint8Array; readonly secret: Uint8Array }[];
  /** The whole vault as it lies on this device, for travel; nobody may write meanwhile. */
  exportSource(): VaultBytes;
  close(): Promise<void>;
}

/** The two files of a profile. Nothing else may hold anything of a vault. */
export interface VaultFiles {
  /** Slots, lock area, heads: random bytes all over. */
  readonly container: BlockFile;
  /** The device record: what a device must know to ask the guards. In clear. */
  readonly device: BlockFile;
}
