import { initCrypto } from "@stonechat/crypto";
import { ClientWorld, WORLD_URL, type Person } from "@stonechat/testkit/client-world";
import { MemoryBlobTransport } from "@stonechat/testkit/memory-blob-transport";
import { MemoryBlockFiles } from "@stonechat/testkit/memory-block-files";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { beforeAll, expect, test } from "vitest";
import { createHttpBlobTransport } from "../attachments/http-blob-transport.ts";
import type { TravelView } from "../client-api.ts";
import { idOf, textsOf } from "../testing/people.ts";
import { vaultWorld } from "../testing/vault-world.ts";
import type { OpenVault, VaultDoor } from "../vault/open-vault.ts";
import { uploadVault } from "./prepare-travel.ts";
import { restoreTravel, type TravelPorts } from "./restore-travel.ts";

beforeAll(initCrypto);

const PASSPHRASE = "quarry lantern meadow orbit velvet sonar thicket";
const SILENT = (): void => undefined;

interface Traveller {
  readonly person: Person;
  readonly door: VaultDoor;
  readonly vault: OpenVault;
}

/** A profile in a vault that opens with a passphrase, with an account. */
async function traveller(world: ClientWorld, seed: number): Promise<Traveller> {
  const { door } = vaultWorld({ seed });
  const vault = await door.create({ mode: "passphrase", passphrase: PASSPHRASE, relayUrl: WORLD_URL });
  const person = await world.open(vault.files, { vault });
  await world.until(person.client.createAccount({ name: "Ada", relayUrl: WORLD_URL, deviceName: "phone" }));
  return { person, door, vault };
}

function ports(world: ClientWorld): TravelPorts {
  return { blobs: createHttpBlobTransport(world.http()), clock: world.clock, random: repeatableRandom("traveller") };
}

async function openAgain(world: ClientWorld, door: VaultDoor): Promise<Person> {
  const { vault } = await door.unlock(PASSPHRASE);
  if (vault === undefined) throw new RangeError("the vault did not open");
  return world.open(vault.files, { vault });
}

async function leave(world: ClientWorld, { person, door, vault }: Traveller): Promise<TravelView> {
  const view = await world.until(person.client.prepareTravel());
  await vault.close();
  await door.forget();
  return view;
}

test("a vault left at the relay comes back with everything in it, and goes on where it was", async () => {
  const world = new ClientWorld();
  const ada = await traveller(world, 1);
  const bea = await world.join("Bea");
  const conversation = await world.connect(ada.person, bea);
  await ada.person.client.send(conversation, { text: "before the border" });
  await world.settle(ada.person, bea);
  const view = await leave(world, ada);
  expect(view.words).toHaveLength(12);
  expect((await ada.door.status()).type).toBe("absent");
  await bea.client.send(conversation, { text: "while away" });
  await world.settle(bea);

  const { door } = vaultWorld({ seed: 2 });
  await world.until(restoreTravel(ports(world), door, { code: view.words.join(" "), relayUrl: WORLD_URL }, SILENT));
  const again = await openAgain(world, door);
  await world.settle(again, bea);
  await again.client.send(conversation, { text: "arrived" });
  await world.settle(again, bea);
  expect(await textsOf(again, conversation)).toEqual(["before the border", "while away", "arrived"]);
  expect(await textsOf(bea, conversation)).toEqual(["before the border", "while away", "arrived"]);
  expect(again.failures).toEqual([]);
});

test("the relay has no copy any more after the vault came back", async () => {
  const world = new ClientWorld();
  const view = await leave(world, await traveller(world, 1));
  const input = { code: view.qr };
  await world.until(restoreTravel(ports(world), vaultWorld({ seed: 2 }).door, input, SILENT));
  const second = world.until(restoreTravel(ports(world), vaultWorld({ seed: 3 }).door, input, SILENT));
  await expect(second).rejects.toMatchObject({ code: "travel-not-found" });
});

test("of two copies of a vault only the one that is opened first can send", async () => {
  const world = new ClientWorld();
  const ada = await traveller(world, 1);
  const bea = await world.join("Bea");
  const conversation = await world.connect(ada.person, bea);
  const view = await world.until(ada.person.client.prepareTravel());
  await ada.vault.close();
  // The device died before it was wiped, and the copy was restored elsewhere.
  const { door } = vaultWorld({ seed: 2 });
  await world.until(restoreTravel(ports(world), door, { code: view.qr }, SILENT));
  const first = await openAgain(world, ada.door);
  await world.settle(first, bea);
  await first.client.send(conversation, { text: "from the first" });
  await world.settle(first, bea);
  const second = await openAgain(world, door);
  await world.settle(second, bea);
  expect(await second.client.account()).toMatchObject({ removed: true });
  await expect(second.client.send(conversation, { text: "x" })).rejects.toMatchObject({ code: "conversation-closed" });
  expect(await textsOf(bea, conversation)).toEqual(["from the first"]);
});

test("when the device is not wiped after all, it goes on, and takes its copy off the relay", async () => {
  const world = new ClientWorld();
  const ada = await traveller(world, 1);
  const id = await idOf(ada.person);
  const view = await world.until(ada.person.client.prepareTravel());
  await ada.vault.close();
  const again = await openAgain(world, ada.door);
  await world.settle(again);
  expect(await again.client.account()).toMatchObject({ id });
  const late = world.until(restoreTravel(ports(world), vaultWorld({ seed: 2 }).door, { code: view.qr }, SILENT));
  await expect(late).rejects.toMatchObject({ code: "travel-not-found" });
});

test("nothing is sent while it is not known which copy goes on", async () => {
  const world = new ClientWorld();
  const ada = await traveller(world, 1);
  const bea = await world.join("Bea");
  const conversation = await world.connect(ada.person, bea);
  await world.until(ada.person.client.prepareTravel());
  await ada.vault.close();
  world.cut();
  const again = await openAgain(world, ada.door);
  await again.client.send(conversation, { text: "later" });
  expect(await world.until(again.client.settle(30_000))).toBe(false);
  world.reachable = true;
  await world.settle(again, bea);
  expect(await textsOf(bea, conversation)).toEqual(["later"]);
});

test("if the relay cannot be reached nothing is lost and the client runs on", async () => {
  const world = new ClientWorld();
  const ada = await traveller(world, 1);
  world.cut();
  await expect(world.until(ada.person.client.prepareTravel())).rejects.toMatchObject({ code: "relay-unreachable" });
  world.reachable = true;
  await world.settle(ada.person);
  await ada.person.client.setName("Ada L.");
  expect(await ada.person.client.account()).toMatchObject({ name: "Ada L." });
});

test("if the relay goes away half way, the client is opened again and goes on", async () => {
  const world = new ClientWorld();
  const ada = await traveller(world, 1);
  const bea = await world.join("Bea");
  const conversation = await world.connect(ada.person, bea);
  ada.person.client.onEvent((event) => {
    if (event.type === "travel" && event.done > 0) world.cut();
  });
  await expect(world.until(ada.person.client.prepareTravel())).rejects.toMatchObject({ code: "relay-unreachable" });
  world.reachable = true;
  await world.settle(ada.person, bea);
  await ada.person.client.send(conversation, { text: "stayed" });
  await world.settle(ada.person, bea);
  expect(await textsOf(bea, conversation)).toEqual(["stayed"]);
});

test("a wrong code, a code without a relay, and a place that is taken are refused", async () => {
  const world = new ClientWorld();
  const view = await leave(world, await traveller(world, 1));
  const { door } = vaultWorld({ seed: 2 });
  const attempt = (code: string, relayUrl?: string): Promise<void> =>
    world.until(restoreTravel(ports(world), door, { code, ...(relayUrl === undefined ? {} : { relayUrl }) }, SILENT));
  await expect(attempt(view.words.slice(1).join(" "), WORLD_URL)).rejects.toMatchObject({ code: "bad-kit" });
  await expect(attempt(view.words.join(" "))).rejects.toMatchObject({ code: "relay-unknown" });
  await expect(attempt("STONECHAT-TRAVEL:AA")).rejects.toMatchObject({ code: "bad-kit" });
  await (await door.create({ mode: "passphrase", passphrase: PASSPHRASE, relayUrl: WORLD_URL })).close();
  await expect(attempt(view.qr)).rejects.toMatchObject({ code: "vault-exists" });
});

/** A vault, and a relay in memory that fails as told. */
async function faulty(): Promise<{
  blobs: MemoryBlobTransport;
  vault: OpenVault;
  travel: TravelPorts;
  world: ReturnType<typeof vaultWorld>;
}> {
  const world = vaultWorld({ seed: 4 });
  const vault = await world.door.create({ mode: "passphrase", passphrase: PASSPHRASE, relayUrl: WORLD_URL });
  const blobs = new MemoryBlobTransport();
  return { blobs, vault, travel: { blobs, clock: world.clock, random: repeatableRandom("faulty") }, world };
}

const JOURNEY = { secret: new Uint8Array(16).fill(3), relayUrl: WORLD_URL };
const NO_ADMISSION = new Uint8Array(0);

test("a vault that was made while the travelled one was on its way stays", async () => {
  const world = new ClientWorld();
  const ada = await traveller(world, 1);
  const view = await leave(world, ada);
  const { door } = vaultWorld({ seed: 2 });
  const late: VaultDoor = {
    status: () => door.status(),
    offeredGuards: (relayUrl) => door.offeredGuards(relayUrl),
    proposePin: () => door.proposePin(),
    proposePassphrase: () => door.proposePassphrase(),
    judgeSecret: (mode, secret) => door.judgeSecret(mode, secret),
    create: (input) => door.create(input),
    unlock: (secret) => door.unlock(secret),
    wipe: () => door.wipe(),
    forget: () => door.forget(),
    async importFrom(source) {
      const made = await door.create({ mode: "passphrase", passphrase: PASSPHRASE, relayUrl: WORLD_URL });
      await made.close();
      await door.importFrom(source);
    },
  };
  const restoring = world.until(restoreTravel(ports(world), late, { code: view.qr }, SILENT));
  await expect(restoring).rejects.toMatchObject({ code: "vault-exists" });
  expect((await door.unlock(PASSPHRASE)).result).toEqual({ type: "opened" });
});

test("a network that loses every third request and every fifth reply delays the journey and changes nothing", async () => {
  const { blobs, vault, travel, world } = await faulty();
  blobs.decide = (_operation, number) =>
    number % 3 === 1 ? "lost-request" : number % 5 === 2 ? "lost-reply" : undefined;
  const view = await world.clock.runUntil(uploadVault(travel, vault, JOURNEY, NO_ADMISSION, SILENT));
  const before = new Uint8Array(vault.exportSource().size);
  await vault.exportSource().read(before, 0);
  await vault.close();
  const disk = new MemoryBlockFiles(9);
  await world.clock.runUntil(restoreTravel(travel, world.doorOf(disk), { code: view.qr }, SILENT));
  const container = disk.contents("vault.bin");
  expect(Buffer.compare(container, before.subarray(before.length - container.length))).toBe(0);
});

test("a relay that does not show what it acknowledged is found out before anything is wiped", async () => {
  const { blobs, vault, travel, world } = await faulty();
  const honest = blobs.read.bind(blobs);
  blobs.read = async (...where) => {
    const outcome = await honest(...where);
    return outcome.type === "part" ? { ...outcome, bytes: outcome.bytes.map((byte) => byte ^ 1) } : outcome;
  };
  const journey = world.clock.runUntil(uploadVault(travel, vault, JOURNEY, NO_ADMISSION, SILENT));
  await expect(journey).rejects.toMatchObject({ code: "not-possible" });
});

test.each(["first", "middle", "last"] as const)(
  "one flipped bit in the %s chunk is found out, and leaves nothing",
  async (where) => {
    const { blobs, vault, travel, world } = await faulty();
    const view = await world.clock.runUntil(uploadVault(travel, vault, JOURNEY, NO_ADMISSION, SILENT));
    const at = { first: 0, middle: Math.floor(view.bytes / 2), last: view.bytes - 1 }[where];
    const honest = blobs.read.bind(blobs);
    blobs.read = async (url, id, offset, length) => {
      const outcome = await honest(url, id, offset, length);
      if (outcome.type !== "part" || at < offset || at >= offset + outcome.bytes.length) return outcome;
      const bytes = outcome.bytes.slice();
      bytes[at - offset] = (bytes[at - offset] ?? 0) ^ 1;
      return { ...outcome, bytes };
    };
    const door = world.doorOf(new MemoryBlockFiles(9));
    const restored = world.clock.runUntil(restoreTravel(travel, door, { code: view.qr }, SILENT));
    await expect(restored).rejects.toMatchObject({ code: "travel-damaged" });
    expect((await door.status()).type).toBe("absent");
  },
);

test("what lies at the relay holds none of the vault's bytes", async () => {
  const { blobs, vault, travel, world } = await faulty();
  const parts: Uint8Array[] = [];
  const honest = blobs.write.bind(blobs);
  blobs.write = (url, id, token, offset, bytes) => {
    parts.push(bytes.slice());
    return honest(url, id, token, offset, bytes);
  };
  await world.clock.runUntil(uploadVault(travel, vault, JOURNEY, NO_ADMISSION, SILENT));
  const sent = Buffer.concat(parts);
  const source = vault.exportSource();
  const piece = new Uint8Array(16);
  for (let at = 0; at + 16 <= source.size; at += 65_537) {
    await source.read(piece, at);
    expect(sent.includes(Buffer.from(piece))).toBe(false);
  }
});
