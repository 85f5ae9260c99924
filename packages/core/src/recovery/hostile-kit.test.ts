import { fc, test as property } from "@fast-check/vitest";
import { initCrypto, signKeyPairFromSeed } from "@stonechat/crypto";
import type { DeviceKey, IdentityKey, KitFile, LogId } from "@stonechat/protocol";
import { kitFiles } from "@stonechat/testkit/client-arbitraries";
import { ClientWorld, type Person } from "@stonechat/testkit/client-world";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { beforeAll, describe, expect, test } from "vitest";
import type { RecoveryKitView } from "../client-api.ts";
import { createHttpBlobTransport } from "../attachments/http-blob-transport.ts";
import { signNextList } from "../identity/device-lists.ts";
import type { Http } from "../ports/http.ts";
import { parseInstant } from "../ports/clock.ts";
import { fetchKit, removeKit, uploadKit } from "./kit-blob.ts";
import { parseKit, printKit } from "./kit-code.ts";
import { deriveKitFile, deriveReturnLog, deriveReturnSecret } from "./kit-secrets.ts";
import { openKitFile, sealKitFile } from "./sealed-kit-file.ts";
import { openReturn, sealReturn } from "./sealed-return.ts";

beforeAll(initCrypto);

const DAY_MS = 86_400_000;
const SEED = new Uint8Array(32).fill(5);
const random = repeatableRandom("kit");
const EMPTY: KitFile = {
  madeAt: 1000,
  name: "Ada",
  admission: new Uint8Array(0),
  deviceLists: [],
  contacts: [],
  groups: [],
  revocations: [],
};

describe("the file of a kit", () => {
  property.prop([kitFiles], { numRuns: 30 })("opens for its kit and its place alone", (file) => {
    const secrets = deriveKitFile(SEED, 0);
    const sealed = sealKitFile(file, secrets, random);
    expect(openKitFile(sealed, secrets)).toEqual(file);
    expect(openKitFile(sealed, deriveKitFile(SEED, 1))).toBeUndefined();
    expect(openKitFile(sealed, deriveKitFile(new Uint8Array(32), 0))).toBeUndefined();
  });

  property.prop([kitFiles], { numRuns: 30 })("has one size whatever it holds, up to 64 KiB", (file) => {
    expect(sealKitFile(file, deriveKitFile(SEED, 0), random)).toHaveLength(1 + 24 + 65_536 + 16);
  });

  test("does not open with any of its bytes changed, nor shorter, nor longer", () => {
    const secrets = deriveKitFile(SEED, 0);
    const sealed = sealKitFile(EMPTY, secrets, random);
    const places = [
      ...Array.from({ length: 200 }, (_, i) => i),
      ...Array.from({ length: 150 }, (_, i) => 200 + i * 433),
    ];
    for (const at of [...places, sealed.length - 1]) {
      const changed = sealed.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(openKitFile(changed, secrets)).toBeUndefined();
    }
    expect(openKitFile(sealed.slice(0, -1), secrets)).toBeUndefined();
    expect(openKitFile(Uint8Array.of(...sealed, 0), secrets)).toBeUndefined();
  });

  property.prop([fc.uint8Array({ maxLength: 200 })])("noise opens to nothing", (noise) => {
    expect(openKitFile(noise, deriveKitFile(SEED, 0))).toBeUndefined();
  });
});

describe("an entry of a return log", () => {
  const logOf = (seed: Uint8Array): LogId => deriveReturnLog(seed).logId;
  const contact = new Uint8Array(32).fill(8) as IdentityKey;
  const entry = { type: "lists", deviceLists: [] } as const;

  test("opens for the contact who sealed it and for its log alone", () => {
    const secret = deriveReturnSecret(SEED, contact);
    const logId = logOf(SEED);
    const sealed = sealReturn(entry, secret, logId, random);
    expect(openReturn(sealed, secret, logId)).toEqual(entry);
    expect(openReturn(sealed, deriveReturnSecret(SEED, new Uint8Array(32) as IdentityKey), logId)).toBeUndefined();
    expect(openReturn(sealed, secret, logOf(new Uint8Array(32)))).toBeUndefined();
  });

  property.prop([fc.uint8Array({ maxLength: 200 })])("noise opens to nothing", (noise) => {
    expect(openReturn(noise, deriveReturnSecret(SEED, contact), logOf(SEED))).toBeUndefined();
  });
});

describe("the code of a kit", () => {
  const lists = (count: number): Parameters<typeof printKit>[2] => {
    const { publicKey, privateKey } = signKeyPairFromSeed(SEED);
    const identity = { publicKey: publicKey as IdentityKey, privateKey };
    let last: ReturnType<typeof signNextList> | undefined;
    return Array.from({ length: count }, (_, i) => {
      last = signNextList(identity, [new Uint8Array(32).fill(i) as DeviceKey], last, parseInstant(0));
      return last.signed;
    });
  };

  test("comes back from words and from the QR code, which also says the relay and up to four lists", () => {
    const chain = lists(4);
    const { words, qr } = printKit(SEED, "https://relay.example", chain);
    expect(parseKit(words.join(" "))).toEqual({ seed: SEED, relayUrl: undefined, deviceLists: [] });
    expect(parseKit(qr)).toEqual({ seed: SEED, relayUrl: "https://relay.example", deviceLists: chain });
    expect(parseKit(printKit(SEED, "https://relay.example", lists(5)).qr).deviceLists).toEqual([]);
  });

  test("fits into a QR code of version 25 with medium correction", () => {
    expect(printKit(SEED, "https://relay.example", lists(4)).qr.length).toBeLessThanOrEqual(997);
  });
});

/** Ada with a kit, and what her relay keeps, to be changed at will. */
async function hostile(): Promise<{ world: ClientWorld; ada: Person; kit: RecoveryKitView; http: Http }> {
  const world = new ClientWorld();
  const ada = await world.join("Ada");
  await world.connect(ada, await world.join("Bea"));
  return { world, ada, kit: await world.until(ada.client.recoveryKit()), http: world.http() };
}

/** A relay that answers reads of complete files with other bytes. */
function lying(http: Http, change: (bytes: Uint8Array) => Uint8Array): Http {
  return {
    async request(asked) {
      const response = await http.request(asked);
      if (asked.method !== "GET" || response === undefined) return response;
      return { ...response, body: change(response.body) };
    },
  };
}

test("a file that the relay changed is refused and nothing is kept, and the identity alone can still be restored", async () => {
  const { world, kit, http } = await hostile();
  const changed = lying(http, (bytes) => bytes.map((byte, i) => (i === 5000 ? byte ^ 1 : byte)));
  const person = await world.open(undefined, { http: changed });
  const input = { kit: kit.qr, deviceName: "new", name: "Ada" };
  await expect(world.until(person.client.restoreFromKit(input))).rejects.toMatchObject({ code: "kit-damaged" });
  expect(await person.client.account()).toBeUndefined();
  const view = await world.until(person.client.restoreFromKit({ ...input, withoutFile: true }));
  expect(view).toMatchObject({ file: "missing", contacts: 0, account: { id: kit.accountId } });
});

test("a file that the relay should have forgotten long ago is refused", async () => {
  const { world, ada, kit } = await hostile();
  await ada.client.close();
  const blobs = createHttpBlobTransport(world.http());
  const ports = { blobs, clock: world.clock, random };
  const { seed } = parseKit(kit.qr);
  const found = await world.until(fetchKit(ports, kit.relayUrl, seed));
  if (found.type !== "found") throw new RangeError("there is no file");
  world.clock.advance(40 * DAY_MS);
  await world.until(uploadKit(ports, kit.relayUrl, seed, found.slot, found.file));
  expect(await world.until(fetchKit(ports, kit.relayUrl, seed))).toEqual({ type: "refused" });
});

test("of two files the newer one counts", async () => {
  const { world, kit } = await hostile();
  const ports = { blobs: createHttpBlobTransport(world.http()), clock: world.clock, random };
  const { seed } = parseKit(kit.qr);
  const now = world.clock.now();
  for (const [slot, age] of [
    [0, 2000],
    [1, 1000],
  ] as const)
    await world.until(uploadKit(ports, kit.relayUrl, seed, slot, { ...EMPTY, madeAt: now - age }));
  expect(await world.until(fetchKit(ports, kit.relayUrl, seed))).toMatchObject({ type: "found", slot: 1 });
  await world.until(removeKit(ports, kit.relayUrl, seed, 1));
  expect(await world.until(fetchKit(ports, kit.relayUrl, seed))).toMatchObject({ type: "found", slot: 0 });
});

test("a file with another chain of device lists than the paper's is refused", async () => {
  const { world, kit } = await hostile();
  const ports = { blobs: createHttpBlobTransport(world.http()), clock: world.clock, random };
  const { seed } = parseKit(kit.qr);
  const { publicKey, privateKey } = signKeyPairFromSeed(seed);
  const identity = { publicKey: publicKey as IdentityKey, privateKey };
  const other = signNextList(identity, [new Uint8Array(32).fill(9) as DeviceKey], undefined, world.clock.now());
  const file = { ...EMPTY, madeAt: world.clock.now() + 1, deviceLists: [other.signed] };
  await world.until(uploadKit(ports, kit.relayUrl, seed, 1, file));
  const person = await world.open();
  const restored = world.until(person.client.restoreFromKit({ kit: kit.qr, deviceName: "new" }));
  await expect(restored).rejects.toMatchObject({ code: "kit-damaged" });
});

test("the kit's file is refreshed long before the relay forgets it", async () => {
  const { world, ada, kit } = await hostile();
  const { seed } = parseKit(kit.qr);
  const ports = { blobs: createHttpBlobTransport(world.http()), clock: world.clock, random };
  for (let day = 0; day < 45; day += 5) {
    world.clock.advance(5 * DAY_MS);
    await world.settle(ada);
  }
  const found = await world.until(fetchKit(ports, kit.relayUrl, seed));
  expect(found.type === "found" && world.clock.now() - found.file.madeAt <= 10 * DAY_MS).toBe(true);
});

test("nobody who sees what the relay keeps finds a name, a key or an address in it", async () => {
  const world = new ClientWorld();
  const sent: Uint8Array[] = [];
  const plain = world.http();
  const http: Http = {
    request(asked) {
      if (asked.body !== undefined) sent.push(asked.body.slice());
      return plain.request(asked);
    },
  };
  const ada = await world.join("Adalheidis", { http });
  await world.connect(ada, await world.join("Beatrix-Quintana"));
  const kit = await world.until(ada.client.recoveryKit());
  const bytes = Buffer.concat(sent);
  const { seed } = parseKit(kit.qr);
  for (const secret of [
    Buffer.from("Adalheidis"),
    Buffer.from("Beatrix-Quintana"),
    Buffer.from(seed),
    Buffer.from(kit.accountId, "hex"),
  ])
    expect(bytes.includes(secret)).toBe(false);
});
