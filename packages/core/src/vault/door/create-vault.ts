import { dealVoprfKey, sha256, signKeyPairFromSeed, voprfEvaluateWhole, type Random } from "@stonechat/crypto";
import { MAX_GUARDS, type DeviceKey, type RecordId } from "@stonechat/protocol";
import { ClientError } from "../../client-error.ts";
import type { BlockFile } from "../../ports/block-file.ts";
import { StorageError } from "../../ports/storage-error.ts";
import type { NewVault } from "../../vault-api.ts";
import { Container } from "../container/index.ts";
import { newHead } from "../lock/head.ts";
import { toRevocation } from "../lock/keys.ts";
import { encodeLockArea, randomLockArea, withSlot } from "../lock/lock-area.ts";
import { dealLine, entriesFor, fixedPlaces, sealDealtHead, shuffled, type Dealt, type DealRules } from "./deal.ts";
import type { GuardSet, ReadyDevice } from "./device-record.ts";
import type { DeviceStore } from "./device-store.ts";
import { linkGuards, type GuardLink } from "./guard-links.ts";
import { fetchGuards, RECORD_GUESSES } from "./guards-view.ts";
import { judgeSecret } from "./judge-secret.ts";
import { OpenedVault } from "./opened-vault.ts";
import { CONTAINER_FILE, SECRET_COSTS, type DoorPorts } from "./ports.ts";
import { copyOf } from "./renewal.ts";
import { stretchSecret, unlockKeyOf, type Session } from "./session.ts";
import { removeFiles, wipeGuards } from "./wipe-vault.ts";

const KEY_BYTES = 32;
const RECORD_ID_BYTES = 16;
/** What guards begin to count at. */
const FIRST_GENERATION = 1;

interface NewGuards {
  readonly set: GuardSet;
  readonly shares: readonly Uint8Array[];
  readonly wholeKey: Uint8Array;
}

/**
 * Makes a vault and opens it. Killed before the last write, there is none.
 *
 * @throws ClientError `no-guards`, `guards-unreachable`, `guards-refused`, `bad-secret`, `storage-full`.
 */
export async function createVault(ports: DoorPorts, store: DeviceStore, input: NewVault): Promise<OpenedVault> {
  const secret = secretOf(input);
  if (judgeSecret(input.mode, secret) !== "good") throw new ClientError("bad-secret");
  const guards = input.mode === "pin" ? await dealGuards(ports, input.relayUrl) : undefined;
  const device = newDevice(ports.random, input, guards?.set);
  try {
    await store.write({ type: "creating", guards: guards?.set });
    await ports.files.delete(CONTAINER_FILE);
    const file = await ports.files.open(CONTAINER_FILE);
    const container = createContainer(file, ports);
    const links = guards === undefined ? [] : linkGuards(ports, guards.set);
    try {
      return await fill({ ports, store, file, container, links }, device, guards, secret);
    } catch (error) {
      container.close();
      throw error;
    }
  } catch (error) {
    if (guards !== undefined) await wipeGuards(ports, guards.set);
    await removeFiles(ports, store);
    if (error instanceof StorageError && error.code === "full") throw new ClientError("storage-full", { cause: error });
    throw error;
  }
}

function createContainer(file: BlockFile, { random, sizes }: DoorPorts): Container {
  try {
    return Container.create(file, random, sizes);
  } catch (error) {
    file.close();
    throw error;
  }
}

async function fill(
  parts: Pick<Session, "ports" | "store" | "file" | "container" | "links">,
  device: ReadyDevice,
  guards: NewGuards | undefined,
  secret: string,
): Promise<OpenedVault> {
  const { ports, store, container, links } = parts;
  const { random } = ports;
  const input = stretchSecret(ports, device, secret);
  const output = guards === undefined ? input : voprfEvaluateWhole(input, guards.wholeKey, random);
  const unlockKey = unlockKeyOf(device, output);
  const [slot = 0] = shuffled(random);
  const head = newHead(random, random.bytes(KEY_BYTES));
  const rules: DealRules = {
    generation: FIRST_GENERATION,
    kind: device.kind,
    deviceSecret: device.deviceSecret,
    threshold: device.guards?.threshold ?? 1,
    guards: links,
    random,
  };
  const dealt = dealLine(unlockKey, slot, rules, fixedPlaces(head));
  const sealed = sealDealtHead({ slot, unlockKey, head }, dealt, rules);
  const area = withSlot(randomLockArea(random), slot, dealt.line, sealed);
  const copy = copyOf(FIRST_GENERATION);
  container.writeHeader(copy, encodeLockArea(area, container.readHeader(copy).length, random));
  const opened = container.formatSlot(slot, head.slotKey);
  container.flush();
  if (guards !== undefined) await registerAll(links, guards, dealt, head.revocationSeed, random);
  await store.write(device);
  await store.forgetOlder();
  const session: Session = {
    ...parts,
    ...{ slot, device, area, input, unlockKey, head },
    foreignGuesses: 0,
    guardsReached: links.length,
    numberReserved: true,
    broken: false,
  };
  return new OpenedVault(session, opened);
}

function secretOf(input: NewVault): string {
  switch (input.mode) {
    case "none":
      return "";
    case "passphrase":
      return input.passphrase;
    case "pin":
      return input.pin;
  }
}

function newDevice(random: Random, input: NewVault, guards: GuardSet | undefined): ReadyDevice {
  return {
    type: "ready",
    mode: input.mode,
    kind: input.mode === "pin" ? input.kind : "destroy",
    generation: FIRST_GENERATION,
    deviceSecret: random.bytes(KEY_BYTES),
    cost: SECRET_COSTS[input.mode],
    openKey: input.mode === "none" ? random.bytes(KEY_BYTES) : undefined,
    guards,
    guessesLeft: new Uint8Array(MAX_GUARDS).fill(RECORD_GUESSES),
    attempts: 0,
    numbersUsed: 1,
  };
}

async function dealGuards({ guardTransport, random }: DoorPorts, relayUrl: string): Promise<NewGuards> {
  const listed = await fetchGuards(guardTransport, relayUrl);
  if (listed === undefined) throw new ClientError("no-guards");
  const { threshold } = listed;
  const { key, shares } = dealVoprfKey(threshold, listed.guards.length, random);
  const guards = listed.guards.map((description, at) => ({
    description,
    recordId: random.bytes(RECORD_ID_BYTES) as RecordId, // whatever we name it
    sharePublicKey: shares[at]?.publicKey ?? key,
  }));
  const set = { relayUrl, threshold, authSeed: random.bytes(KEY_BYTES), guards };
  return { set, shares: shares.map(({ value }) => value), wholeKey: key };
}

async function registerAll(
  links: readonly GuardLink[],
  { set, shares }: NewGuards,
  dealt: Dealt,
  revocationSeed: Uint8Array,
  random: Random,
): Promise<void> {
  const authKey = signKeyPairFromSeed(set.authSeed).publicKey as DeviceKey; // the record's own key
  const answers = await Promise.all(
    links.map((link, at) =>
      link.ask({
        type: "register",
        authKey,
        share: shares[at] ?? new Uint8Array(KEY_BYTES),
        entries: entriesFor(link.index, [dealt], random),
        revokeHash: sha256(toRevocation(revocationSeed, link.index)),
      }),
    ),
  );
  if (answers.some((answer) => answer?.type === "refused")) throw new ClientError("guards-refused");
  if (answers.some((answer) => answer?.type !== "done")) throw new ClientError("guards-unreachable");
}
