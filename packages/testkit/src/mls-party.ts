import {
  type DeviceKey,
  type DeviceKeys,
  type GroupStep,
  type IdentityKey,
  type Mls,
  type MlsGroup,
  type OwnKeyPackage,
  type Received,
  type StagedCommit,
  type StoredGroup,
} from "@stonechat/core/mls";
import { signKeyPair, type Random } from "@stonechat/crypto";

const DAY_MS = 24 * 60 * 60 * 1000;
const NOTHING = new Uint8Array(0);

/** A device with fresh keys. Without `identityKey` it is of an account of its own. */
export function newMlsDevice(random: Random, identityKey: Uint8Array = random.bytes(32)): DeviceKeys {
  const { publicKey, privateKey } = signKeyPair(random);
  return { identityKey: identityKey as IdentityKey, deviceKey: publicKey as DeviceKey, privateKey };
}

/** A lifetime around `now`. */
export function lifetimeAround(now: number): { readonly notBefore: number; readonly notAfter: number } {
  return { notBefore: now - DAY_MS, notAfter: now + 30 * DAY_MS };
}

/**
 * One member as the rest of the core would drive it: one step at a time, everything stored before it is used, and
 * nothing written back that is older than what is there.
 */
export class MlsParty {
  readonly mls: Mls;
  readonly device: DeviceKeys;
  group: MlsGroup;
  stored: StoredGroup;

  constructor(mls: Mls, device: DeviceKeys, first: GroupStep) {
    this.mls = mls;
    this.device = device;
    this.group = first.group;
    if (first.changes.epoch === undefined) throw new RangeError("a first step stores its epoch");
    this.stored = { ...first.changes, epoch: first.changes.epoch };
  }

  /** Stores a step as a vault would, and goes on from it. */
  apply({ group, changes }: GroupStep): void {
    if (changes.version <= this.stored.version) throw new RangeError("an older state would be written back");
    const rows = new Map(changes.epoch === undefined ? this.stored.ratchets.map((row) => [row.index, row]) : []);
    for (const row of changes.ratchets) rows.set(row.index, row);
    this.stored = { version: changes.version, epoch: changes.epoch ?? this.stored.epoch, ratchets: [...rows.values()] };
    this.group = group;
  }

  async reload(): Promise<void> {
    this.group = await this.mls.load(this.stored, this.device);
  }

  async send(plaintext: Uint8Array, authenticatedData: Uint8Array = NOTHING): Promise<Uint8Array> {
    const { message, step } = await this.group.encrypt(plaintext, authenticatedData);
    this.apply(step);
    return message;
  }

  /** Receives and applies. */
  async receive(message: Uint8Array): Promise<Received> {
    const received = await this.group.receive(message);
    if (received.step !== undefined) this.apply(received.step);
    return received;
  }

  stage(
    change: { add?: readonly OwnKeyPackage[]; remove?: readonly number[]; authenticatedData?: Uint8Array } = {},
  ): Promise<StagedCommit> {
    return Promise.all((change.add ?? []).map((own) => this.mls.verifyKeyPackage(own.keyPackage))).then((add) =>
      this.group.stageCommit({
        add,
        remove: change.remove ?? [],
        authenticatedData: change.authenticatedData ?? NOTHING,
      }),
    );
  }

  /** Stages a commit and applies it, as if the relay had accepted it at once. */
  async commit(change: Parameters<MlsParty["stage"]>[0] = {}): Promise<StagedCommit> {
    const staged = await this.stage(change);
    this.apply(staged.step);
    return staged;
  }
}

/** What a test of MLS needs: an implementation, randomness and a clock that it may set. */
export interface MlsStage {
  readonly mls: Mls;
  readonly random: Random;
  readonly clock: { now: number };
}

/** Somebody who founds a group. */
export async function foundGroup(
  { mls, random }: MlsStage,
  device: DeviceKeys = newMlsDevice(random),
): Promise<MlsParty> {
  return new MlsParty(mls, device, await mls.createGroup({ groupId: random.bytes(32), device }));
}

/** Lets `by` add new devices in one commit, and delivers it to `others`. */
export async function addDevices(
  stage: MlsStage,
  by: MlsParty,
  devices: readonly DeviceKeys[],
  others: readonly MlsParty[] = [],
): Promise<readonly MlsParty[]> {
  const owns = await Promise.all(
    devices.map((device) => stage.mls.createKeyPackage(device, lifetimeAround(stage.clock.now))),
  );
  const staged = await by.commit({ add: owns });
  for (const other of others) await other.receive(staged.message);
  return Promise.all(devices.map((device, i) => joinBy(stage, staged, device, owns[i], i)));
}

/** A group of `size` devices; the founder first. */
export async function groupOf(stage: MlsStage, size: number): Promise<readonly MlsParty[]> {
  const founder = await foundGroup(stage);
  const devices = Array.from({ length: size - 1 }, () => newMlsDevice(stage.random));
  return devices.length === 0 ? [founder] : [founder, ...(await addDevices(stage, founder, devices))];
}

async function joinBy(
  { mls }: MlsStage,
  staged: StagedCommit,
  device: DeviceKeys,
  own: OwnKeyPackage | undefined,
  index: number,
): Promise<MlsParty> {
  const welcome = staged.welcomes[index];
  if (own === undefined || welcome === undefined) throw new RangeError("no Welcome for a device that was added");
  return new MlsParty(mls, device, await mls.join({ welcome, tree: staged.tree, keyPackage: own, device }));
}
