import { defaultAuthenticationService } from "ts-mls/authenticationService.js";
import type { ClientConfig } from "ts-mls/clientConfig.js";
import { joinGroup, type ClientState } from "ts-mls/clientState.js";
import { createCommit, type CreateCommitOptions } from "ts-mls/createCommit.js";
import { createApplicationMessage, createProposal } from "ts-mls/createMessage.js";
import type { CiphersuiteImpl } from "ts-mls/crypto/ciphersuite.js";
import { defaultKeyPackageEqualityConfig } from "ts-mls/keyPackageEqualityConfig.js";
import { defaultKeyRetentionConfig } from "ts-mls/keyRetentionConfig.js";
import { decodeMlsMessage, encodeMlsMessage } from "ts-mls/message.js";
import { processPrivateMessage } from "ts-mls/processMessages.js";
import type { Proposal } from "ts-mls/proposal.js";
import { emptyPskIndex } from "ts-mls/pskIndex.js";
import { decodeRatchetTree } from "ts-mls/ratchetTree.js";
import type { DeviceKeys, OwnKeyPackage } from "../mls/contract.ts";
import { decodeKeyPackage, keyPackageSecret } from "../mls/key-packages.ts";
import type { Suite } from "../mls/suite.ts";

/** The library's own settings, but for padding, which our messages do not have. */
const CONFIG: ClientConfig = {
  keyRetentionConfig: defaultKeyRetentionConfig,
  lifetimeConfig: { maximumTotalLifetime: 1n << 40n, validateLifetimeOnReceive: false },
  keyPackageEqualityConfig: defaultKeyPackageEqualityConfig,
  paddingConfig: { kind: "alwaysPad", paddingLength: 0 },
  authService: defaultAuthenticationService,
};

/** A member run by the bare library: our messages' readable twin, and an adversary who ignores our rules. */
export class LibraryMember {
  state: ClientState;
  readonly suite: Suite;

  constructor(state: ClientState, suite: Suite) {
    this.state = state;
    this.suite = suite;
  }

  static async join(
    suite: Suite,
    input: {
      readonly welcome: Uint8Array;
      readonly tree: Uint8Array;
      readonly keyPackage: OwnKeyPackage;
      readonly device: DeviceKeys;
    },
  ): Promise<LibraryMember> {
    const message = decodeMlsMessage(input.welcome, 0)?.[0];
    const tree = decodeRatchetTree(input.tree, 0)?.[0];
    if (message?.wireformat !== "mls_welcome" || tree === undefined)
      throw new RangeError("not a Welcome with its tree");
    const { initPrivateKey, leafPrivateKey } = keyPackageSecret.decode(input.keyPackage.secret);
    const keys = { initPrivateKey, hpkePrivateKey: leafPrivateKey, signaturePrivateKey: input.device.privateKey };
    const keyPackage = decodeKeyPackage(input.keyPackage.keyPackage);
    const state = await joinGroup(
      message.welcome,
      keyPackage,
      keys,
      emptyPskIndex,
      suite.library,
      tree,
      undefined,
      CONFIG,
    );
    return new LibraryMember(state, suite);
  }

  async encrypt(plaintext: Uint8Array, authenticatedData?: Uint8Array): Promise<Uint8Array> {
    const { newState, privateMessage } = await createApplicationMessage(
      this.state,
      plaintext,
      this.suite.library,
      authenticatedData,
    );
    this.state = newState;
    return encodeMlsMessage({ version: "mls10", wireformat: "mls_private_message", privateMessage });
  }

  async receive(message: Uint8Array): Promise<Uint8Array | undefined> {
    const decoded = decodeMlsMessage(message, 0)?.[0];
    if (decoded?.wireformat !== "mls_private_message") throw new RangeError("not a PrivateMessage");
    const result = await processPrivateMessage(this.state, decoded.privateMessage, emptyPskIndex, this.suite.library);
    this.state = result.newState;
    return result.kind === "applicationMessage" ? result.message : undefined;
  }

  async propose(proposal: Proposal): Promise<Uint8Array> {
    const { newState, message } = await createProposal(this.state, false, proposal, this.suite.library);
    this.state = newState;
    return encodeMlsMessage(message);
  }

  /** Makes a commit and goes on from it. `library` may be a suite that cheats. */
  async commit(
    options: CreateCommitOptions = {},
    library: CiphersuiteImpl = this.suite.library,
  ): Promise<{
    readonly message: Uint8Array;
    readonly welcome: Uint8Array | undefined;
  }> {
    const { newState, commit, welcome } = await createCommit({ state: this.state, cipherSuite: library }, options);
    this.state = newState;
    return {
      message: encodeMlsMessage(commit),
      welcome:
        welcome === undefined ? undefined : encodeMlsMessage({ version: "mls10", wireformat: "mls_welcome", welcome }),
    };
  }
}

/** A suite whose `n`-th derived key pair (counted from 0) has a public key that does not belong to it: this one, or a fresh one. */
export function lyingSuite(
  { library, primitives }: Suite,
  n: number,
  publicKey: Uint8Array = primitives.kemGenerateKeyPair().publicKey,
): CiphersuiteImpl {
  let calls = 0;
  return {
    ...library,
    hpke: {
      ...library.hpke,
      async deriveKeyPair(material) {
        const pair = await library.hpke.deriveKeyPair(material);
        return calls++ === n ? { ...pair, publicKey: await library.hpke.importPublicKey(publicKey) } : pair;
      },
    },
  };
}
