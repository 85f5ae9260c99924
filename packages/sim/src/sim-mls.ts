import { mlsPrimitives, type Random } from "@stonechat/crypto";
import { createMls, MlsError, type GroupStep, type Mls, type MlsGroup } from "@stonechat/core/mls";
import { createFakeMls } from "@stonechat/testkit/fake-mls";

const ENTRY_LABEL = "stonechat entry";

/** What the simulation learns from the MLS of all devices, to judge afterwards what the relay was given. */
export interface MlsRecords {
  /** Every key that entries were sealed with, by hex. */
  readonly entryKeys: Map<string, Uint8Array>;
  readonly exported: Set<string>;
  joins: number;
}

export interface SimMlsOptions {
  readonly kind: "fake" | "real";
  readonly random: Random;
  readonly now: () => number;
  readonly records: MlsRecords;
  /** Makes trees this many bytes longer, so that a Welcome's state does not fit into a message. */
  readonly treePadding: number;
  /** Whether its commits say what nobody can read: another program than ours. */
  readonly nonsense?: () => boolean;
}

/** The chosen MLS, watched. */
export function createSimMls({ kind, random, now, records, treePadding, nonsense = never }: SimMlsOptions): Mls {
  const inner =
    kind === "fake" ? createFakeMls({ random, now }) : createMls({ primitives: mlsPrimitives(random), now });
  const watch = (step: GroupStep): GroupStep => ({
    ...step,
    group: watched(step.group, records, treePadding, nonsense),
  });
  return {
    createKeyPackage: (device, lifetime) => inner.createKeyPackage(device, lifetime),
    verifyKeyPackage: (bytes) => inner.verifyKeyPackage(bytes),
    createGroup: async (input) => watch(await inner.createGroup(input)),
    async join(input) {
      if (input.tree.length < treePadding) throw new MlsError("bad-tree");
      const joined = await inner.join({ ...input, tree: input.tree.subarray(0, input.tree.length - treePadding) });
      records.joins += 1;
      return { ...joined, ...watch(joined) };
    },
    welcomeRefs: (welcome) => inner.welcomeRefs(welcome),
    load: async (stored, device) => watched(await inner.load(stored, device), records, treePadding, nonsense),
  };
}

const NONSENSE = Uint8Array.of(1);

function never(): boolean {
  return false;
}

function watched(group: MlsGroup, records: MlsRecords, treePadding: number, nonsense: () => boolean): MlsGroup {
  const next = (step: GroupStep): GroupStep => ({
    ...step,
    group: watched(step.group, records, treePadding, nonsense),
  });
  return {
    get groupId() {
      return group.groupId;
    },
    get epoch() {
      return group.epoch;
    },
    get own() {
      return group.own;
    },
    members: () => group.members(),
    epochAuthenticator: () => group.epochAuthenticator(),
    async exportSecret(label, context, length) {
      const secret = await group.exportSecret(label, context, length);
      const hex = Buffer.from(secret).toString("hex");
      if (label === ENTRY_LABEL) records.entryKeys.set(hex, secret);
      records.exported.add(hex);
      return secret;
    },
    async encrypt(plaintext, authenticatedData) {
      const { message, step } = await group.encrypt(plaintext, authenticatedData);
      return { message, step: next(step) };
    },
    async receive(message) {
      const received = await group.receive(message);
      if (received.step === undefined) return received;
      return { ...received, step: next(received.step) };
    },
    async stageCommit(change) {
      const staged = await group.stageCommit(nonsense() ? { ...change, authenticatedData: NONSENSE } : change);
      const tree = new Uint8Array(staged.tree.length + treePadding);
      tree.set(staged.tree);
      return { ...staged, tree, step: next(staged.step) };
    },
  };
}
