import { createHash } from "node:crypto";
import { InvariantError, type Random } from "@stonechat/crypto";
import {
  MlsError,
  type DeviceKeys,
  type GroupStep,
  type Member,
  type Mls,
  type MlsErrorCode,
  type MlsGroup,
  type Received,
  type StagedCommit,
  type VerifiedKeyPackage,
} from "@stonechat/core/mls";
import { WireError } from "@stonechat/protocol";
import {
  fakeCommit,
  fakeEpoch,
  fakeGroupInfo,
  fakeKeyPackage,
  fakeMessage,
  fakeRatchet,
  fakeTree,
  fakeWelcome,
  type FakeCommit,
  type FakeEpoch,
  type FakeMessage,
  type FakeRoster,
} from "./fake-mls-wire.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const STEPS_AN_EPOCH = 2 ** 24;
const MAX_FORWARD_GENERATIONS = 1000;

/** What the fake needs. */
export interface FakeMlsPorts {
  readonly random: Random;
  readonly now: () => number;
}

/**
 * An {@link Mls} without cryptography for the simulator's breadth: same epochs, members, refusals, generations and
 * versions, at a hundredth of the cost. It keeps no secrets from anybody who reads its code: each epoch has one secret,
 * and a removed member could compute the next. {@link describeMls} runs on it as on the real one.
 */
export function createFakeMls(ports: FakeMlsPorts): Mls {
  return {
    createKeyPackage(device, { notBefore, notAfter }) {
      return settled(() => {
        const { identityKey, deviceKey } = device;
        const id = ports.random.bytes(16);
        const keyPackage = fakeKeyPackage.encode({ id, identityKey, deviceKey, notBefore, notAfter });
        return { ref: digest("ref", keyPackage), keyPackage, secret: id, notAfter };
      });
    },
    verifyKeyPackage: (bytes) => settled(() => verifyKeyPackage(bytes, ports.now())),
    createGroup({ groupId, device }) {
      return settled(() => {
        const { identityKey, deviceKey } = device;
        const first = {
          groupId,
          epoch: 0n,
          secret: ports.random.bytes(32),
          own: 0,
          roster: [{ identityKey, deviceKey }],
        };
        return enterEpoch(ports, first);
      });
    },
    join({ welcome, tree, keyPackage, device }) {
      return settled(() => {
        const { ref, masked } = refusing("malformed", () => fakeWelcome.decode(welcome));
        demand("not-for-us", same(ref, keyPackage.ref));
        const info = refusing("decrypt-failed", () =>
          fakeGroupInfo.decode(mask("welcome", keyPackage.keyPackage, masked)),
        );
        demand("bad-tree", same(info.treeHash, digest("tree", tree)));
        const { roster } = refusing("malformed", () => fakeTree.decode(tree));
        const epoch = { groupId: info.groupId, epoch: info.epoch, secret: info.secret, own: info.leaf, roster };
        requireOwnDevice(epoch, device);
        return { ...enterEpoch(ports, epoch), adder: memberAt(roster, info.adder) };
      });
    },
    welcomeRefs: (welcome) => [refusing("malformed", () => fakeWelcome.decode(welcome)).ref],
    load({ version, epoch: row, ratchets }, device) {
      return settled(() => {
        const epoch = fakeEpoch.decode(row);
        requireOwnDevice(epoch, device);
        const generations = new Map(ratchets.map(({ index, state }) => [index, fakeRatchet.decode(state).generation]));
        const steps = version - Number(epoch.epoch) * STEPS_AN_EPOCH;
        return new FakeGroup({ ports, epoch, generations, steps, used: new Map() });
      });
    },
  };
}

/** Which key and nonce a message of the fake was made with, as text; undefined if it is none. For the simulator's audit. */
export function readFakeMessage(bytes: Uint8Array): string | undefined {
  try {
    const { groupId, epoch, kind, sender, generation } = fakeMessage.decode(bytes);
    return `${Buffer.from(groupId).toString("hex")} ${String(epoch)} ${kind} ${String(sender)} ${String(generation)}`;
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

interface FakeState {
  readonly ports: FakeMlsPorts;
  readonly epoch: FakeEpoch;
  readonly generations: ReadonlyMap<number, number>;
  readonly steps: number;
  /** Generations encrypted under, shared by all values of an epoch. */
  readonly used: Map<number, number>;
}

class FakeGroup implements MlsGroup {
  readonly #state: FakeState;

  constructor(state: FakeState) {
    this.#state = state;
  }

  get groupId(): Uint8Array {
    return this.#state.epoch.groupId;
  }
  get epoch(): bigint {
    return this.#state.epoch.epoch;
  }
  get own(): Member {
    return memberAt(this.#state.epoch.roster, this.#state.epoch.own);
  }
  members(): readonly Member[] {
    return membersOf(this.#state.epoch.roster);
  }

  exportSecret(label: string, context: Uint8Array, length: number): Promise<Uint8Array> {
    return settled(() => stream(`export ${String(length)} ${label}`, join(this.#state.epoch.secret, context), length));
  }

  epochAuthenticator(): Uint8Array {
    return digest("authenticator", this.#state.epoch.secret);
  }

  encrypt(plaintext: Uint8Array, authenticatedData: Uint8Array): ReturnType<MlsGroup["encrypt"]> {
    return settled(() => {
      const {
        epoch: { own },
        generations,
      } = this.#state;
      const generation = generations.get(slot(own, "application")) ?? 0;
      const message = this.#seal("application", generation, plaintext, authenticatedData);
      return { message, step: this.#advance(own, generation) };
    });
  }

  receive(bytes: Uint8Array): Promise<Received> {
    return settled(() => {
      const message = refusing("malformed", () => fakeMessage.decode(bytes));
      const { epoch, generations } = this.#state;
      demand("wrong-group", same(message.groupId, epoch.groupId));
      demand("wrong-epoch", message.epoch === epoch.epoch);
      demand("decrypt-failed", same(message.tag, tagOf(epoch, message)));
      demand("own-message", message.sender !== epoch.own);
      demand("bad-leaf", epoch.roster[message.sender] !== undefined);
      const missed = message.generation - (generations.get(slot(message.sender, message.kind)) ?? 0);
      demand("replayed", missed >= 0);
      demand("generation-too-far", missed <= MAX_FORWARD_GENERATIONS);
      const content = mask(
        `${message.kind} ${String(message.sender)} ${String(message.generation)}`,
        epoch.secret,
        message.masked,
      );
      const { authenticatedData } = message;
      const sender = memberAt(epoch.roster, message.sender);
      if (message.kind === "commit") return this.#receiveCommit(sender, content, authenticatedData);
      const step = this.#advance(message.sender, message.generation);
      return { type: "application", sender, plaintext: content, authenticatedData, missed, step };
    });
  }

  stageCommit(change: Parameters<MlsGroup["stageCommit"]>[0]): Promise<StagedCommit> {
    return settled(() => {
      const { ports, epoch, used } = this.#state;
      const commit = {
        seed: ports.random.bytes(32),
        removed: change.remove,
        added: change.add.map(({ bytes }) => bytes),
      };
      for (const { bytes } of change.add) verifyKeyPackage(bytes, ports.now());
      const content = fakeCommit.encode(commit);
      const { next, added, removed } = applyCommit(epoch, epoch.own, commit, content);
      const generation = used.get(slot(epoch.own, "commit")) ?? 0;
      const message = this.#seal("commit", generation, content, change.authenticatedData);
      const tree = fakeTree.encode({ roster: next.roster });
      const welcomes = added.map(({ leaf }, i) => {
        const bytes = change.add[i]?.bytes ?? new Uint8Array(0);
        const info = fakeGroupInfo.encode({
          groupId: next.groupId,
          epoch: next.epoch,
          secret: next.secret,
          treeHash: digest("tree", tree),
          leaf,
          adder: epoch.own,
        });
        return fakeWelcome.encode({ ref: digest("ref", bytes), masked: mask("welcome", bytes, info) });
      });
      return { message, welcomes, tree, added, removed, step: enterEpoch(ports, next) };
    });
  }

  #receiveCommit(committer: Member, content: Uint8Array, authenticatedData: Uint8Array): Received {
    const { ports, epoch } = this.#state;
    const commit = refusing("malformed", () => fakeCommit.decode(content));
    const { next, added, removed } = applyCommit(epoch, committer.leaf, commit, content);
    const step = removed.some(({ leaf }) => leaf === epoch.own) ? undefined : enterEpoch(ports, next);
    return { type: "commit", committer, added, removed, authenticatedData, step };
  }

  #seal(kind: FakeMessage["kind"], generation: number, content: Uint8Array, authenticatedData: Uint8Array): Uint8Array {
    const { epoch, used } = this.#state;
    const index = slot(epoch.own, kind);
    if (generation < (used.get(index) ?? 0)) throw new InvariantError("generation was used before");
    used.set(index, generation + 1);
    const { groupId, epoch: number, own: sender } = epoch;
    const masked = mask(`${kind} ${String(sender)} ${String(generation)}`, epoch.secret, content);
    const message = { groupId, epoch: number, kind, sender, generation, authenticatedData, masked };
    return fakeMessage.encode({ ...message, tag: tagOf(epoch, message) });
  }

  #advance(leaf: number, generation: number): GroupStep {
    const index = slot(leaf, "application");
    const generations = new Map(this.#state.generations).set(index, generation + 1);
    const steps = this.#state.steps + 1;
    return {
      group: new FakeGroup({ ...this.#state, generations, steps }),
      changes: {
        version: Number(this.epoch) * STEPS_AN_EPOCH + steps,
        ratchets: [{ index, state: fakeRatchet.encode({ generation: generation + 1 }) }],
      },
    };
  }
}

function applyCommit(
  epoch: FakeEpoch,
  committer: number,
  commit: FakeCommit,
  content: Uint8Array,
): { readonly next: FakeEpoch; readonly added: readonly Member[]; readonly removed: readonly Member[] } {
  const roster = [...epoch.roster];
  const removed = commit.removed.map((leaf) => {
    demand("bad-commit", leaf !== committer && roster[leaf] !== undefined);
    const member = memberAt(roster, leaf);
    roster[leaf] = undefined;
    return member;
  });
  const added = commit.added.map((bytes) => {
    const { identityKey, deviceKey } = refusing("malformed", () => fakeKeyPackage.decode(bytes));
    demand("bad-commit", !roster.some((member) => member !== undefined && same(member.deviceKey, deviceKey)));
    const blank = roster.indexOf(undefined);
    const leaf = blank < 0 ? roster.length : blank;
    roster[leaf] = { identityKey, deviceKey };
    return { leaf, identityKey, deviceKey };
  });
  while (roster.at(-1) === undefined) roster.pop();
  const secret = digest("epoch", join(epoch.secret, content));
  return { next: { ...epoch, epoch: epoch.epoch + 1n, secret, roster }, added, removed };
}

function enterEpoch(ports: FakeMlsPorts, epoch: FakeEpoch): GroupStep {
  return {
    group: new FakeGroup({ ports, epoch, generations: new Map(), steps: 0, used: new Map() }),
    changes: { version: Number(epoch.epoch) * STEPS_AN_EPOCH, epoch: fakeEpoch.encode(epoch), ratchets: [] },
  };
}

function verifyKeyPackage(bytes: Uint8Array, now: number): VerifiedKeyPackage {
  const { identityKey, deviceKey, notBefore, notAfter } = refusing("malformed", () => fakeKeyPackage.decode(bytes));
  const inSeconds = [
    Math.floor(notBefore / 1000),
    Math.floor((now + DAY_MS) / 1000),
    Math.floor((now - DAY_MS) / 1000),
    Math.floor(notAfter / 1000),
  ] as const;
  demand("bad-lifetime", inSeconds[0] <= inSeconds[1] && inSeconds[2] <= inSeconds[3]);
  return { ref: digest("ref", bytes), bytes: bytes.slice(), identityKey, deviceKey };
}

function requireOwnDevice({ roster, own }: FakeEpoch, device: DeviceKeys): void {
  if (!same(memberAt(roster, own).deviceKey, device.deviceKey)) throw new RangeError("group of another device");
}

function memberAt(roster: FakeRoster, leaf: number): Member {
  const member = roster[leaf];
  if (member === undefined) throw new MlsError("bad-leaf");
  return { leaf, ...member };
}

function membersOf(roster: FakeRoster): readonly Member[] {
  return roster.flatMap((member, leaf) => (member === undefined ? [] : [{ leaf, ...member }]));
}

function slot(leaf: number, kind: FakeMessage["kind"]): number {
  return 2 * leaf + (kind === "commit" ? 0 : 1);
}

function tagOf(
  epoch: FakeEpoch,
  { kind, sender, generation, authenticatedData, masked }: Omit<FakeMessage, "tag">,
): Uint8Array {
  const label = `tag ${kind} ${String(sender)} ${String(generation)} ${String(authenticatedData.length)}`;
  return digest(label, join(epoch.secret, authenticatedData, masked)).subarray(0, 16);
}

/** Masks and unmasks. */
function mask(label: string, secret: Uint8Array, bytes: Uint8Array): Uint8Array {
  const key = stream(label, secret, bytes.length);
  return bytes.map((byte, i) => byte ^ (key[i] ?? 0));
}

function stream(label: string, secret: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  for (let i = 0; i * 32 < length; i += 1)
    out.set(digest(`${label} ${String(i)}`, secret).subarray(0, length - 32 * i), 32 * i);
  return out;
}

function digest(label: string, bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha256").update(`${label}\0`).update(bytes).digest());
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function demand(code: MlsErrorCode, holds: boolean): asserts holds {
  if (!holds) throw new MlsError(code);
}

function refusing<T>(code: MlsErrorCode, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new MlsError(code, { cause });
  }
}

function settled<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(work());
  });
}
