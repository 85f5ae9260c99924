import { InvariantError } from "@stonechat/crypto";
import { bytes, struct, structure, Writer } from "@stonechat/protocol";
import { sameBytes } from "./byte-equality.ts";
import type { DeviceKeys, GroupChanges, GroupStep, Member, MlsGroup, Received, StagedCommit } from "./contract.ts";
import { exportWithLabel } from "./derivation.ts";
import { leafCount, type Epoch } from "./epoch.ts";
import { encodeEpoch } from "./epoch-row.ts";
import {
  contentToSign,
  framedContent,
  openContent,
  openSenderData,
  ratchetKind,
  sealPrivateMessage,
} from "./message-protection.ts";
import { receiveCommit, type NewEpoch } from "./receive-commit.ts";
import { demand, refusing } from "./refusal.ts";
import {
  createSecretTree,
  nextGeneration,
  takeKey,
  wipeKey,
  type RatchetKind,
  type SecretTree,
} from "./secret-tree.ts";
import { toRows } from "./secret-tree-rows.ts";
import { stageCommit, type GroupChange } from "./stage-commit.ts";
import type { Suite } from "./suite.ts";
import {
  CONTENT_APPLICATION,
  CONTENT_COMMIT,
  MAX_MLS_MESSAGE_BYTES,
  privateMessageBytes,
} from "./wire/private-message.ts";
import { signature as signatureWire } from "./wire/wire-parts.ts";

/** Steps within one epoch; a version is the epoch's number and the step's. */
const STEPS_AN_EPOCH = 2 ** 24;
const SIGNATURE_VECTOR_BYTES = 66;

const applicationContent = structure(
  "ApplicationContent",
  MAX_MLS_MESSAGE_BYTES,
  struct({
    applicationData: bytes(MAX_MLS_MESSAGE_BYTES),
    signature: signatureWire,
  }),
);

/** What a group needs from outside. */
export interface GroupTools {
  readonly suite: Suite;
  readonly now: () => number;
}

/**
 * The generations that this process has encrypted under. Shared by all values that stem from the same epoch, so that
 * no two of them, whatever was discarded in between, use one key twice (R087).
 */
class UsedGenerations {
  readonly #next = { handshake: 0, application: 0 };

  /** @throws InvariantError if `generation` was used by another value of this epoch. */
  use(kind: RatchetKind, generation: number): void {
    if (generation < this.#next[kind]) throw new InvariantError("generation was used before");
    this.#next[kind] = generation + 1;
  }

  next(kind: RatchetKind): number {
    return this.#next[kind];
  }
}

interface GroupState {
  readonly tools: GroupTools;
  readonly device: DeviceKeys;
  readonly epoch: Epoch;
  readonly secretTree: SecretTree;
  /** Steps since the epoch began. */
  readonly steps: number;
  readonly used: UsedGenerations;
}

/**
 * One value of a group.
 *
 * [Note: A value encrypts once] `encrypt` may be called once on a value; then its step must be stored and its group
 * used. If that fails, the group is loaded from the store again. A second call on the same value, or on another value
 * of the epoch that stands at the same generation, is our mistake: InvariantError.
 */
class Group implements MlsGroup {
  readonly #state: GroupState;

  constructor(state: GroupState) {
    this.#state = state;
  }

  get groupId(): Uint8Array {
    return this.#state.epoch.context.groupId;
  }

  get epoch(): bigint {
    return this.#state.epoch.context.epoch;
  }

  get own(): Member {
    return this.#state.epoch.own;
  }

  members(): readonly Member[] {
    return this.#state.epoch.members.filter((member) => member !== undefined);
  }

  exportSecret(label: string, context: Uint8Array, length: number): Promise<Uint8Array> {
    const { epoch, tools } = this.#state;
    return settled(() => exportWithLabel(tools.suite.primitives, epoch.secrets.exporter, label, context, length));
  }

  epochAuthenticator(): Uint8Array {
    return this.#state.epoch.secrets.authenticator.slice();
  }

  encrypt(plaintext: Uint8Array, authenticatedData: Uint8Array): ReturnType<MlsGroup["encrypt"]> {
    return settled(() => {
      const {
        tools: { suite },
        epoch,
        device,
        secretTree,
        used,
      } = this.#state;
      const generation = nextGeneration(secretTree, epoch.ownLeaf, "application");
      used.use("application", generation);
      const { tree, touched, messageKey } = takeKey(
        suite.primitives,
        secretTree,
        epoch.ownLeaf,
        "application",
        generation,
      );
      const body = encodeBody(plaintext);
      const framed = framedContent(epoch, epoch.ownLeaf, CONTENT_APPLICATION, authenticatedData, body);
      const signature = suite.primitives.sign(device.privateKey, contentToSign(epoch, framed));
      const content = applicationContent.encode({ applicationData: plaintext, signature });
      const message = sealPrivateMessage(suite, epoch, CONTENT_APPLICATION, authenticatedData, content, messageKey);
      wipeKey(messageKey);
      return { message, step: this.#advance(tree, touched) };
    });
  }

  async receive(message: Uint8Array): Promise<Received> {
    const {
      tools: { suite, now },
      epoch,
      secretTree,
    } = this.#state;
    const { primitives } = suite;
    const decoded = refusing("malformed", () => privateMessageBytes.decode(message));
    const { contentType, authenticatedData } = decoded;
    demand("wrong-group", sameBytes(decoded.groupId, this.groupId));
    demand("wrong-epoch", decoded.epoch === this.epoch);
    const senderData = openSenderData(suite, epoch, decoded);
    demand("own-message", senderData.leaf !== epoch.ownLeaf);
    const sender = epoch.members[senderData.leaf];
    demand("bad-leaf", sender !== undefined);
    const kind = ratchetKind(contentType);
    const missed = senderData.generation - nextGeneration(secretTree, sender.leaf, kind);
    const taken = takeKey(primitives, secretTree, sender.leaf, kind, senderData.generation);
    const content = openContent(suite, epoch, decoded, senderData, taken.messageKey);
    wipeKey(taken.messageKey);
    if (contentType === CONTENT_COMMIT) {
      const { next, added, removed } = await receiveCommit(suite, epoch, sender, content, authenticatedData, now());
      const step = next === undefined ? undefined : enterEpoch(this.#state.tools, this.#state.device, next);
      return { type: "commit", committer: sender, added, removed, authenticatedData, step };
    }
    const { applicationData, signature } = refusing("malformed", () => applicationContent.decode(content));
    const body = content.subarray(0, content.length - SIGNATURE_VECTOR_BYTES);
    const framed = framedContent(epoch, sender.leaf, CONTENT_APPLICATION, authenticatedData, body);
    demand("bad-signature", primitives.verify(sender.deviceKey, contentToSign(epoch, framed), signature));
    const step = this.#advance(taken.tree, taken.touched);
    return { type: "application", sender, plaintext: applicationData, authenticatedData, missed, step };
  }

  async stageCommit(change: GroupChange): Promise<StagedCommit> {
    const { tools, device, epoch, secretTree, used } = this.#state;
    const { suite } = tools;
    const generation = Math.max(nextGeneration(secretTree, epoch.ownLeaf, "handshake"), used.next("handshake"));
    used.use("handshake", generation);
    const { messageKey } = takeKey(suite.primitives, secretTree, epoch.ownLeaf, "handshake", generation);
    const { next, ...draft } = await stageCommit(suite, epoch, device, change, messageKey, tools.now());
    wipeKey(messageKey);
    return { ...draft, step: enterEpoch(tools, device, next) };
  }

  #advance(secretTree: SecretTree, touched: readonly number[]): GroupStep {
    const state = { ...this.#state, secretTree, steps: this.#state.steps + 1 };
    const changes = { version: versionOf(state.epoch, state.steps), ratchets: toRows(secretTree, touched) };
    return { group: new Group(state), changes };
  }
}

/** The first value of an epoch, and all that must be stored of it. Wipes the encryption secret. */
export function enterEpoch(tools: GroupTools, device: DeviceKeys, { epoch, encryptionSecret }: NewEpoch): GroupStep {
  const { tree, touched } = createSecretTree(leafCount(epoch.tree), encryptionSecret);
  encryptionSecret.fill(0);
  const group = new Group({ tools, device, epoch, secretTree: tree, steps: 0, used: new UsedGenerations() });
  const changes: GroupChanges = {
    version: versionOf(epoch, 0),
    epoch: encodeEpoch(epoch),
    ratchets: toRows(tree, touched),
  };
  return { group, changes };
}

/** A stored group again. @throws RangeError if `version` is of another epoch. */
export function resumeGroup(
  tools: GroupTools,
  device: DeviceKeys,
  epoch: Epoch,
  secretTree: SecretTree,
  version: number,
): MlsGroup {
  const steps = version - versionOf(epoch, 0);
  if (steps < 0 || steps >= STEPS_AN_EPOCH) throw new RangeError("version of another epoch");
  return new Group({ tools, device, epoch, secretTree, steps, used: new UsedGenerations() });
}

/** Grows with every step and with every epoch, whatever else happened in it: a store never goes back. */
function versionOf({ context }: Epoch, steps: number): number {
  const version = Number(context.epoch) * STEPS_AN_EPOCH + steps;
  if (steps >= STEPS_AN_EPOCH || !Number.isSafeInteger(version)) throw new RangeError("too many steps");
  return version;
}

/** `opaque application_data<V>` (RFC 9420 §6.3.1). */
function encodeBody(plaintext: Uint8Array): Uint8Array {
  const w = new Writer();
  w.vector(plaintext, MAX_MLS_MESSAGE_BYTES);
  return w.finish();
}

/** Runs at once, and settles a promise with what came of it. */
function settled<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(work());
  });
}
