import { initCrypto, mlsPrimitives, signKeyPair, systemRandom } from "@stonechat/crypto";
import {
  createMls,
  type DeviceKey,
  type DeviceKeys,
  type GroupStep,
  type IdentityKey,
  type Mls,
  type MlsGroup,
} from "@stonechat/core/mls";
import type { Row } from "./row.ts";
import { signalSession, type SignalEnd } from "./libsignal-session.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const TEXT = new TextEncoder().encode(
  "A message of ordinary length, as people send them all day long: about a hundred bytes, not more.",
);
const NOTHING = new Uint8Array(0);
const MESSAGES = 1000;
const ROUNDS = 5;
const GROUP_SIZES = [2, 10, 100, 500];

/**
 * Messages, commits and joins through `core/mls`, and one-to-one messages of libsignal in the same process.
 * Ours are signed and survive a seized disk: each step hands out the row that must be stored; libsignal serialises its
 * session. Rounds of both alternate, and the best round of each counts, so that a busy machine does not decide.
 */
export async function benchMls(): Promise<Row[]> {
  await initCrypto();
  const random = systemRandom();
  const mls = createMls({ primitives: mlsPrimitives(random), now: () => Date.now() });
  const groups = new Map<number, Pair>();
  for (const size of GROUP_SIZES) groups.set(size, await groupOf(mls, size));
  const rows = await messageRows(groups);
  for (const [size, group] of groups) if (size > 2) rows.push(...(await changeRows(group, size)));
  return rows;
}

async function messageRows(groups: ReadonlyMap<number, Pair>): Promise<Row[]> {
  const [ada, bea] = await signalSession();
  const signal = { oneWay: 0, inTurns: 0 };
  const ours = new Map<number, number>();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [size, group] of groups)
      ours.set(size, Math.max(ours.get(size) ?? 0, await rate(() => exchange(group), MESSAGES)));
    signal.oneWay = Math.max(signal.oneWay, await rate(() => deliver(ada, bea), MESSAGES));
    const both = async (): Promise<void> => {
      await deliver(ada, bea);
      await deliver(bea, ada);
    };
    signal.inTurns = Math.max(signal.inTurns, 2 * (await rate(both, MESSAGES / 2)));
  }
  const oneWay = { what: "libsignal one to one/s", value: signal.oneWay };
  const inTurns = { what: "libsignal taking turns/s", value: signal.inTurns };
  const target = { of: "ratio", atLeast: 0.5 } as const;
  return [...ours].flatMap(([size, measured]): Row[] => {
    const row = { what: `${String(size)} members: encrypt and decrypt`, measured, unit: "messages/s" };
    return size === 2
      ? [
          { ...row, baseline: oneWay, target },
          { ...row, baseline: inTurns },
        ]
      : [{ ...row, baseline: oneWay }];
  });
}

async function changeRows(group: Pair, size: number): Promise<Row[]> {
  const stagedAt = performance.now();
  const staged = await group.sender.stageCommit({ add: [], remove: [], authenticatedData: NOTHING });
  const receivedAt = performance.now();
  await group.receiver.receive(staged.message);
  const doneAt = performance.now();
  const of = `${String(size)} members`;
  return [
    { what: `${of}: add all in one commit`, measured: group.addMs, unit: "ms" },
    { what: `${of}: join by Welcome`, measured: group.joinMs, unit: "ms" },
    { what: `${of}: make a commit that renews keys`, measured: receivedAt - stagedAt, unit: "ms" },
    { what: `${of}: take in that commit`, measured: doneAt - receivedAt, unit: "ms" },
    { what: `${of}: size of that commit`, measured: staged.message.length / 1024, unit: "KiB" },
    { what: `${of}: size of the tree`, measured: group.treeBytes / 1024, unit: "KiB" },
    { what: `${of}: state of an epoch at rest`, measured: storedBytes(staged.step) / 1024, unit: "KiB" },
    { what: `${of}: state of a message at rest, both ends`, measured: group.rowBytes, unit: "bytes" },
  ];
}

interface Pair {
  sender: MlsGroup;
  receiver: MlsGroup;
  rowBytes: number;
  readonly addMs: number;
  readonly joinMs: number;
  readonly treeBytes: number;
}

async function groupOf(mls: Mls, size: number): Promise<Pair> {
  const lifetime = { notBefore: Date.now() - DAY_MS, notAfter: Date.now() + 30 * DAY_MS };
  const founder = newDevice();
  const joiners = await Promise.all(
    Array.from({ length: size - 1 }, async () => {
      const device = newDevice();
      return { device, own: await mls.createKeyPackage(device, lifetime) };
    }),
  );
  const { group } = await mls.createGroup({ groupId: systemRandom().bytes(32), device: founder });
  const add = await Promise.all(joiners.map(({ own }) => mls.verifyKeyPackage(own.keyPackage)));
  const start = performance.now();
  const staged = await group.stageCommit({ add, remove: [], authenticatedData: NOTHING });
  const addMs = performance.now() - start;
  const last = joiners.at(-1);
  const welcome = staged.welcomes.at(-1);
  if (last === undefined || welcome === undefined) throw new RangeError("a group needs two");
  const joinedAt = performance.now();
  const joined = await mls.join({ welcome, tree: staged.tree, keyPackage: last.own, device: last.device });
  const joinMs = performance.now() - joinedAt;
  return {
    sender: staged.step.group,
    receiver: joined.group,
    rowBytes: 0,
    addMs,
    joinMs,
    treeBytes: staged.tree.length,
  };
}

async function exchange(pair: Pair): Promise<void> {
  const sent = await pair.sender.encrypt(TEXT, NOTHING);
  pair.sender = sent.step.group;
  const received = await pair.receiver.receive(sent.message);
  if (received.step === undefined) throw new RangeError("not an application message");
  pair.receiver = received.step.group;
  pair.rowBytes = storedBytes(sent.step) + storedBytes(received.step);
}

async function deliver(from: SignalEnd, to: SignalEnd): Promise<void> {
  await to.decrypt(await from.encrypt(TEXT));
}

function storedBytes({ changes }: GroupStep): number {
  return changes.ratchets.reduce((sum, { state }) => sum + state.length, changes.epoch?.length ?? 0);
}

async function rate(work: () => Promise<void>, times: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < times; i += 1) await work();
  return times / ((performance.now() - start) / 1000);
}

function newDevice(): DeviceKeys {
  const { publicKey, privateKey } = signKeyPair(systemRandom());
  return { identityKey: systemRandom().bytes(32) as IdentityKey, deviceKey: publicKey as DeviceKey, privateKey };
}
