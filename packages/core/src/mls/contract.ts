import type { DeviceKey, IdentityKey } from "@stonechat/protocol";

/**
 * What the rest of the core knows of MLS (RFC 9420). The library behind it never shows through, so that it can be replaced.
 *
 * A {@link MlsGroup} is an immutable value. Each operation returns the next value and the rows that must be stored with it
 * (a {@link GroupStep}); the caller stores them in the same transaction as what they belong to and only then uses the next
 * value. Nothing received changes a group before {@link GroupStep} is applied by the caller: received → verified → applied.
 */

export type { DeviceKey, IdentityKey };

export interface DeviceKeys {
  readonly identityKey: IdentityKey;
  readonly deviceKey: DeviceKey;
  /** Ed25519 private key of {@link deviceKey}. */
  readonly privateKey: Uint8Array;
}

/** One leaf of the ratchet tree. That its owner's device list names it is for the caller to check. */
export interface Member {
  readonly leaf: number;
  readonly identityKey: IdentityKey;
  readonly deviceKey: DeviceKey;
}

/** A KeyPackage of ours with its private keys; stored until it was used once. */
export interface OwnKeyPackage {
  readonly ref: Uint8Array;
  readonly keyPackage: Uint8Array;
  readonly secret: Uint8Array;
  readonly notAfter: number;
}

/** A KeyPackage whose signature, suite, capabilities and lifetime were checked. Its device list was not. */
export interface VerifiedKeyPackage {
  readonly ref: Uint8Array;
  readonly bytes: Uint8Array;
  readonly identityKey: IdentityKey;
  readonly deviceKey: DeviceKey;
}

/**
 * Rows to be written in one transaction. `epoch` replaces everything stored of the group (new epoch); `ratchets` are the
 * touched ones of the current epoch. A stored group is `epoch` plus the newest row of each ratchet.
 */
export interface GroupChanges {
  /** Grows with every step, and with every epoch above all of the one before: write only what is above what is stored. */
  readonly version: number;
  readonly epoch?: Uint8Array;
  readonly ratchets: readonly { readonly index: number; readonly state: Uint8Array }[];
}

export interface StoredGroup {
  readonly version: number;
  readonly epoch: Uint8Array;
  readonly ratchets: readonly { readonly index: number; readonly state: Uint8Array }[];
}

export interface GroupStep {
  readonly group: MlsGroup;
  readonly changes: GroupChanges;
}

export type Received =
  | {
      readonly type: "application";
      readonly sender: Member;
      readonly plaintext: Uint8Array;
      readonly authenticatedData: Uint8Array;
      /** Messages of this sender in this epoch that never came: the relay or its retention dropped them. */
      readonly missed: number;
      readonly step: GroupStep;
    }
  | {
      readonly type: "commit";
      readonly committer: Member;
      readonly added: readonly Member[];
      readonly removed: readonly Member[];
      readonly authenticatedData: Uint8Array;
      /** Undefined if the commit removes this device: there is no next epoch for it. */
      readonly step: GroupStep | undefined;
    };

export interface StagedCommit {
  readonly message: Uint8Array;
  /** One Welcome for each added KeyPackage, in their order, each readable by its addressee only. */
  readonly welcomes: readonly Uint8Array[];
  /** The ratchet tree of the new epoch, for those who join. */
  readonly tree: Uint8Array;
  readonly added: readonly Member[];
  readonly removed: readonly Member[];
  /** To be applied when the relay has accepted the commit. */
  readonly step: GroupStep;
}

export interface MlsGroup {
  readonly groupId: Uint8Array;
  readonly epoch: bigint;
  readonly own: Member;
  members(): readonly Member[];
  /** MLS exporter (RFC 9420 §8.5) of the current epoch. */
  exportSecret(label: string, context: Uint8Array, length: number): Promise<Uint8Array>;
  /** The epoch authenticator (RFC 9420 §8.7): equal for all who agree on the group's history. */
  epochAuthenticator(): Uint8Array;
  /**
   * Consumes one generation. Store the step before the ciphertext leaves. If storing fails, load the group again.
   *
   * @throws InvariantError if this value, or another of this epoch at the same generation, has encrypted before.
   */
  encrypt(
    plaintext: Uint8Array,
    authenticatedData: Uint8Array,
  ): Promise<{ readonly message: Uint8Array; readonly step: GroupStep }>;
  /** Verifies without applying. @throws MlsError */
  receive(message: Uint8Array): Promise<Received>;
  /** Adds, removes, and always renews this device's path. Handshakes are PrivateMessages. */
  stageCommit(change: {
    readonly add: readonly VerifiedKeyPackage[];
    readonly remove: readonly number[];
    readonly authenticatedData: Uint8Array;
  }): Promise<StagedCommit>;
}

export interface Mls {
  createKeyPackage(
    device: DeviceKeys,
    lifetime: { readonly notBefore: number; readonly notAfter: number },
  ): Promise<OwnKeyPackage>;
  /** @throws MlsError */
  verifyKeyPackage(bytes: Uint8Array): Promise<VerifiedKeyPackage>;
  createGroup(input: { readonly groupId: Uint8Array; readonly device: DeviceKeys }): Promise<GroupStep>;
  /** Opens a Welcome with the KeyPackage it was made for and the tree it came with. @throws MlsError */
  join(input: {
    readonly welcome: Uint8Array;
    readonly tree: Uint8Array;
    readonly keyPackage: OwnKeyPackage;
    readonly device: DeviceKeys;
  }): Promise<GroupStep & { readonly adder: Member }>;
  /** Which of the given KeyPackage refs a Welcome is for. @throws MlsError */
  welcomeRefs(welcome: Uint8Array): readonly Uint8Array[];
  load(stored: StoredGroup, device: DeviceKeys): Promise<MlsGroup>;
}

/** Stable codes for what `core/mls` refuses. See VALIDATION.md. */
export type MlsErrorCode =
  | "malformed"
  | "wrong-suite"
  | "wrong-group"
  | "wrong-epoch"
  | "bad-signature"
  | "bad-lifetime"
  | "bad-leaf"
  | "bad-tree"
  | "bad-path"
  | "refused-proposal"
  | "missing-path"
  | "generation-too-far"
  | "replayed"
  | "own-message"
  | "not-for-us"
  | "bad-commit"
  | "decrypt-failed";

/** Refused input from other members or from the relay. The group is unchanged. */
export class MlsError extends Error {
  override readonly name = "MlsError";
  readonly code: MlsErrorCode;
  /** Whose signature over the refused commit holds: nobody else can have made it. Absent if that was not found out. */
  readonly signer: Member | undefined;

  constructor(code: MlsErrorCode, options?: ErrorOptions & { readonly signer?: Member }) {
    super(code, options);
    this.code = code;
    this.signer = options?.signer;
  }
}
