import { StorageError } from "../../ports/storage-error.ts";
import { Container } from "../container/index.ts";
import type { UnlockResult } from "../../vault-api.ts";
import { NO_RELEASE, toTag } from "../lock/keys.ts";
import { findHead, type FoundHead } from "../lock/line.ts";
import { parseLockArea, type LockArea } from "../lock/lock-area.ts";
import { tagGeneration } from "./deal.ts";
import { GUESSES_UNKNOWN, type ReadyDevice } from "./device-record.ts";
import type { DeviceStore } from "./device-store.ts";
import { linkGuards } from "./guard-links.ts";
import { askGuards, type RoundStart } from "./guard-round.ts";
import { OpenedVault } from "./opened-vault.ts";
import { CONTAINER_FILE, type DoorPorts } from "./ports.ts";
import { copyOf } from "./renewal.ts";
import { stretchSecret, unlockKeyOf, type Session } from "./session.ts";

const KEY_BYTES = 32;

/** What came of an attempt. */
export interface Unlocked {
  readonly result: UnlockResult;
  readonly vault: OpenedVault | undefined;
}

type Parts = Pick<Session, "ports" | "store" | "file" | "container" | "links"> & { readonly area: LockArea };

/** What a secret opened, before its slot is. */
interface Opened extends FoundHead {
  readonly unlockKey: Uint8Array;
  readonly reached: number;
  readonly guessesLeft: ReadonlyMap<number, number>;
}

/** Tries a secret. @throws StorageError `corrupt` if it is right and the slot cannot be read, `io`. */
export async function unlockVault(
  ports: DoorPorts,
  store: DeviceStore,
  device: ReadyDevice,
  secret: string,
): Promise<Unlocked> {
  const file = await ports.files.open(CONTAINER_FILE);
  const container = Container.open(file, ports.random, ports.sizes);
  try {
    const area = parseLockArea(container.readHeader(copyOf(device.generation)));
    const links = device.guards === undefined ? [] : linkGuards(ports, device.guards);
    const parts: Parts = { ports, store, file, container, links, area };
    const unlocked =
      device.guards === undefined ? tryAlone(parts, device, secret) : await tryWithGuards(parts, device, secret);
    if (unlocked.vault === undefined) container.close();
    return unlocked;
  } catch (error) {
    container.close();
    throw error;
  }
}

function tryAlone(parts: Parts, device: ReadyDevice, secret: string): Unlocked {
  if (device.mode === "none" && secret !== "") return { result: { type: "wrong" }, vault: undefined };
  const input = stretchSecret(parts.ports, device, secret);
  const unlockKey = unlockKeyOf(device, input);
  const found = findHead(parts.area, unlockKey, [{ index: 1, secret: NO_RELEASE }], 1, device.deviceSecret);
  if (found === undefined) return { result: { type: "wrong" }, vault: undefined };
  const opened = { ...found, unlockKey, reached: 0, guessesLeft: new Map<number, number>() };
  return { result: { type: "opened" }, vault: openSlot(parts, device, input, opened) };
}

async function tryWithGuards(parts: Parts, before: ReadyDevice, secret: string): Promise<Unlocked> {
  const { ports, store, links } = parts;
  const threshold = before.guards?.threshold ?? 1;
  // Counted before it is made: what guards count beyond it was somebody else. The renewal gets its number with it.
  const device = { ...before, attempts: before.attempts + 1, numbersUsed: before.numbersUsed + 1 };
  let input: Uint8Array = new Uint8Array(0);
  const round = await askGuards({
    links,
    threshold,
    generation: device.generation,
    toInput: () => {
      input = stretchSecret(ports, device, secret);
      return input;
    },
    beforeGuess: () => store.write(device),
    toTag: (output, { recordId }) =>
      toTag(unlockKeyOf(device, output), recordId, tagGeneration(device.kind, device.generation)),
    clock: ports.clock,
    random: ports.random,
  });
  if (round.type === "unreachable")
    return { result: { type: "unreachable", reached: round.reached, needed: threshold }, vault: undefined };
  const opened = await tryReleases(parts, device, round, threshold);
  if (opened === undefined) {
    destroyOrRefresh(parts, device, links.length - round.denied < threshold);
    return { result: { type: "wrong" }, vault: undefined };
  }
  const vault = openSlot(parts, device, input, opened);
  vault.renewInBackground();
  return { result: { type: "opened" }, vault };
}

/** Tries what the first guards release and, if one of them lied, what the others add. */
async function tryReleases(
  { area, ports }: Parts,
  device: ReadyDevice,
  round: Extract<RoundStart, { type: "evaluated" }>,
  threshold: number,
): Promise<Opened | undefined> {
  const { openings, reached, guessesLeft } = round;
  // Where nothing can open, the same work is done with a key of nothing.
  const unlockKey = unlockKeyOf(device, round.output ?? ports.random.bytes(KEY_BYTES));
  for (let count = threshold; ; count = openings.releases.length + 1) {
    await openings.atLeast(count);
    const found = findHead(area, unlockKey, [...openings.releases], threshold, device.deviceSecret);
    if (found !== undefined) return { ...found, unlockKey, reached, guessesLeft };
    if (openings.done || openings.hopeless) return undefined;
  }
}

/**
 * One write whatever came of the attempt: over the header copy that is not in force or, where so many guards destroyed
 * the record that nothing can open any more, over the one that is.
 */
function destroyOrRefresh({ container, ports }: Parts, { generation }: ReadyDevice, destroyed: boolean): void {
  const copy = copyOf(destroyed ? generation : generation + 1);
  container.writeHeader(copy, ports.random.bytes(container.readHeader(copy).length));
  container.flush();
}

function openSlot(parts: Parts, device: ReadyDevice, input: Uint8Array, opened: Opened): OpenedVault {
  const { slot, head, unlockKey, reached } = opened;
  const files = parts.container.openSlot(slot, head.slotKey);
  if (files === undefined) throw new StorageError("corrupt", "open slot");
  const foreignGuesses = countForeign(device, opened.guessesLeft);
  const session: Session = {
    ...parts,
    ...{ slot, device, input, unlockKey, head, foreignGuesses },
    guardsReached: reached,
    numberReserved: true,
    broken: false,
  };
  return new OpenedVault(session, files);
}

/** Guesses that guards counted since our last renewal and that were not made on this device. */
function countForeign({ guessesLeft: before, attempts }: ReadyDevice, now: ReadonlyMap<number, number>): number {
  const foreign = [...now].map(([index, left]) => {
    const known = before[index - 1] ?? GUESSES_UNKNOWN;
    return known === GUESSES_UNKNOWN ? 0 : known - left - attempts;
  });
  return Math.max(0, ...foreign);
}
