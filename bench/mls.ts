import { initCrypto, mlsPrimitives, signKeyPair, systemRandom } from "@stonechat/crypto";
import {
  createMls,
  type DeviceKey,
  type DeviceKeys,
  type GroupStep,
  type IdentityKey,
  type Mls,
  type MlsGroup,
} from "../packages/core/src/mls/index.ts";
import { signalSession, type SignalEnd } from "./libsignal-session.ts";

/** One figure. */
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const TEXT = new TextEncoder().encode(
  "A message of ordinary length, as people send them all day long: about a hundred bytes, not more.",
);
const NOTHING = new Uint8Array(0);
const MESSAGES = 2000;
const ROUNDS = 5;

/**
 * Messages, commits and joins through `core/mls`, and one-to-one messages beside libsignal's in the same process.
 * Ours are signed and survive a seized disk: each step hands out the row that must be stored; libsignal serialises its
 * session. Rounds of both alternate, and the best round of each counts, so that a busy machine does not decide.
 */
export async function benchMls(): Promise<Row[]> {
  await initCrypto();
  const random = systemRandom();
  const mls = createMls({ primitives: mlsPrimitives(random), now: () => Date.now() });
  return [...(await oneToOne(mls)), ...(await groups(mls, [10, 100, 500]))];
}

async function oneToOne(mls: Mls): Promise<Row[]> {
  const pair = await groupOf(mls, 2);
  const signal = await signalSession();
  const best = { ours: 0, signal: 0, signalTurns: 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
    best.ours = Math.max(best.ours, await rate(() => exchange(pair)));
    best.signal = Math.max(best.signal, await rate(() => deliver(signal[0], signal[1])));
    best.signalTurns = Math.max(
      best.signalTurns,
      (await rate(async () => {
        await deliver(signal[0], signal[1]);
        await deliver(signal[1], signal[0]);
      }, MESSAGES / 2)) * 2,
    );
  }
  return [
    { name: "one to one: ours, encrypt and decrypt", value: best.ours, unit: "messages/s" },
    { name: "one to one: libsignal, one direction", value: best.signal, unit: "messages/s" },
    { name: "one to one: libsignal, taking turns", value: best.signalTurns, unit: "messages/s" },
    { name: "one to one: ours / libsignal, one direction", value: best.ours / best.signal, unit: "ratio" },
    { name: "one to one: ours / libsignal, taking turns", value: best.ours / best.signalTurns, unit: "ratio" },
  ];
}

async function groups(mls: Mls, sizes: readonly number[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const size of sizes) {
    const group = await groupOf(mls, size);
    const name = `${String(size)} members`;
    rows.push({ name: `${name}: add all in one commit`, value: group.addMs, unit: "ms" });
    rows.push({ name: `${name}: join`, value: group.joinMs, unit: "ms" });
    rows.push({ name: `${name}: tree`, value: group.treeBytes, unit: "bytes" });
    rows.push({
      name: `${name}: encrypt and decrypt`,
      value: await rate(() => exchange(group), 500),
      unit: "messages/s",
    });
    rows.push({ name: `${name}: rows of a message, both ends`, value: group.rowBytes, unit: "bytes" });
    rows.push(...(await commitRows(group, name)));
  }
  return rows;
}

async function commitRows(group: Pair, name: string): Promise<Row[]> {
  const stagedAt = performance.now();
  const staged = await group.sender.stageCommit({ add: [], remove: [], authenticatedData: NOTHING });
  const receivedAt = performance.now();
  await group.receiver.receive(staged.message);
  const doneAt = performance.now();
  return [
    { name: `${name}: update by commit`, value: receivedAt - stagedAt, unit: "ms" },
    { name: `${name}: receive that commit`, value: doneAt - receivedAt, unit: "ms" },
    { name: `${name}: bytes of that commit`, value: staged.message.length, unit: "bytes" },
    { name: `${name}: stored for its epoch`, value: storedBytes(staged.step), unit: "bytes" },
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

async function rate(work: () => Promise<void>, times: number = MESSAGES): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < times; i += 1) await work();
  return times / ((performance.now() - start) / 1000);
}

function newDevice(): DeviceKeys {
  const { publicKey, privateKey } = signKeyPair(systemRandom());
  return { identityKey: systemRandom().bytes(32) as IdentityKey, deviceKey: publicKey as DeviceKey, privateKey };
}

if (import.meta.main) {
  for (const { name, value, unit } of await benchMls()) {
    console.log(`${name.padEnd(48)} ${value.toFixed(unit === "ratio" ? 2 : 1).padStart(12)} ${unit}`);
  }
}
