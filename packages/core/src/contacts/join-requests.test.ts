import { hpkeSeal, initCrypto, labelled, mlsPrimitives, sign, signKeyPairFromSeed } from "@stonechat/crypto";
import {
  joinRequest,
  joinRequestBody,
  parseInviteLink,
  type DeviceKey,
  type EntryId,
  type IdentityKey,
  type JoinRequestBody,
  type KemPublicKey,
  type LogId,
  type Signature,
  type Token,
} from "@stonechat/protocol";
import { ClientWorld, WORLD_URL, type Person } from "@stonechat/testkit/client-world";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { beforeAll, expect, test } from "vitest";
import { createHttpBlobTransport } from "../attachments/http-blob-transport.ts";
import { signNextList } from "../identity/device-lists.ts";
import { createMls } from "../mls/index.ts";
import { askRelay } from "../testing/ask-relay.ts";
import { deriveInviteSecrets, proofContent, proveInvite } from "./invite-secrets.ts";

beforeAll(initCrypto);

const random = repeatableRandom("eve");
const keysOf = (seed: number): { readonly publicKey: Uint8Array; readonly privateKey: Uint8Array } =>
  signKeyPairFromSeed(new Uint8Array(32).fill(seed));

/** What a request may get wrong; everything else about it is right. */
interface Wrong {
  readonly secret?: Uint8Array;
  readonly provenFor?: IdentityKey;
  readonly signer?: Uint8Array;
  readonly signatureLabel?: "invite request" | "device list";
  readonly sealedFor?: "join request" | "join answer";
  readonly listSigner?: Uint8Array;
  readonly listStart?: number;
  readonly packageIdentity?: IdentityKey;
  readonly packageLifetimeMs?: number;
  readonly damage?: (sealed: Uint8Array) => Uint8Array;
  readonly body?: Partial<JoinRequestBody>;
}

/** Uses Ada's reusable invite as a program of its own would. */
async function request(world: ClientWorld, link: string, seed: number, wrong: Wrong): Promise<void> {
  const invite = parseInviteLink(link);
  const secrets = deriveInviteSecrets(invite.secret);
  const blob = await createHttpBlobTransport(world.http()).read(WORLD_URL, secrets.keyBlobId, 0, 1216);
  if (blob.type !== "part") throw new RangeError("no KEM key");
  const identity = keysOf(seed);
  const device = keysOf(seed + 100);
  const identityKey = identity.publicKey as IdentityKey;
  const now = world.clock.now();
  const devices = [device.publicKey as DeviceKey];
  const first = signNextList(
    { publicKey: identityKey, privateKey: wrong.listSigner ?? identity.privateKey },
    devices,
    undefined,
    now,
  );
  const second = signNextList({ publicKey: identityKey, privateKey: identity.privateKey }, devices, first, now);
  const mls = createMls({ primitives: mlsPrimitives(random), now: () => now });
  const notAfter = now + (wrong.packageLifetimeMs ?? 30 * 86_400_000);
  const { keyPackage } = await mls.createKeyPackage(
    {
      identityKey: wrong.packageIdentity ?? identityKey,
      deviceKey: device.publicKey as DeviceKey,
      privateKey: device.privateKey,
    },
    { notBefore: Math.min(now, notAfter) - 86_400_000, notAfter },
  );
  const body = joinRequestBody.encode({
    identityKey,
    deviceLists: [first, second].slice(wrong.listStart ?? 0).map(({ signed }) => signed),
    profile: { name: "Eve" },
    keyPackages: [keyPackage],
    replyLog: random.bytes(32) as LogId,
    replyAppendToken: random.bytes(32) as Token,
    replyKemKey: blob.bytes as KemPublicKey,
    ...wrong.body,
  });
  const proof = proveInvite(wrong.secret ?? invite.secret, wrong.provenFor ?? invite.identityKey, identityKey, body);
  const signature = sign(
    wrong.signatureLabel ?? "invite request",
    proofContent(invite.identityKey, identityKey, body),
    wrong.signer ?? identity.privateKey,
  ) as Signature;
  const sealed = hpkeSeal(
    blob.bytes,
    labelled(wrong.sealedFor ?? "join request", secrets.logId),
    new Uint8Array(0),
    joinRequest.encode({ body, proof, signature }),
    random,
  );
  await append(world, secrets.logId, secrets.appendToken, wrong.damage?.(sealed) ?? sealed);
}

async function append(world: ClientWorld, logId: LogId, appendToken: Token, body: Uint8Array): Promise<void> {
  const entryId = random.bytes(16) as EntryId;
  const asked = { type: "append", logId, appendToken, entryId, ttlSeconds: 3600, body } as const;
  expect(await askRelay(world, asked)).toMatchObject({ type: "appended" });
}

const REFUSED: readonly (readonly [string, Wrong])[] = [
  ["whose proof was made without the link", { secret: new Uint8Array(32) }],
  ["whose proof was made for another inviter", { provenFor: new Uint8Array(32) as IdentityKey }],
  ["that another identity signed", { signer: new Uint8Array(64).fill(1) }],
  ["whose signature was made for another use", { signatureLabel: "device list" }],
  ["that was sealed for another use", { sealedFor: "join answer" }],
  ["with a device list of another's making", { listSigner: new Uint8Array(64).fill(3) }],
  ["whose chain of device lists lacks its beginning", { listStart: 1 }],
  ["without device lists", { body: { deviceLists: [] } }],
  ["whose KeyPackage is of another identity", { packageIdentity: new Uint8Array(32).fill(9) as IdentityKey }],
  ["whose KeyPackage has expired", { packageLifetimeMs: -10 * 86_400_000 }],
  ["whose KeyPackage is noise", { body: { keyPackages: [new Uint8Array(40)] } }],
  ["that is cut", { damage: (sealed) => sealed.subarray(0, -1) }],
  ["that is noise", { damage: () => new Uint8Array(2000).fill(7) }],
];

async function inviting(): Promise<{ readonly world: ClientWorld; readonly ada: Person; readonly link: string }> {
  const world = new ClientWorld();
  const ada = await world.join("Ada");
  const { link } = await world.until(ada.client.createInvite({ reusable: true, expiresInMs: 3_600_000 }));
  return { world, ada, link };
}

test.each(REFUSED)("a request %s is dropped without a word, and the next good one is seen", async (_, wrong) => {
  const { world, ada, link } = await inviting();
  await request(world, link, 1, wrong);
  await world.settle(ada);
  expect(await ada.client.requests()).toEqual([]);
  expect(ada.failures).toEqual([]);
  await request(world, link, 2, {});
  await world.settle(ada);
  expect(await ada.client.requests()).toMatchObject([{ type: "contact", name: "Eve" }]);
});

test("a one-time invite is not used up by a request that is refused", async () => {
  const world = new ClientWorld();
  const ada = await world.join("Ada");
  const { link } = await world.until(ada.client.createInvite({ reusable: false, expiresInMs: 3_600_000 }));
  await request(world, link, 1, { secret: new Uint8Array(32) });
  await world.settle(ada);
  expect((await ada.client.invites())[0]?.state).toBe("open");
  await request(world, link, 2, {});
  await world.settle(ada);
  expect((await ada.client.invites())[0]?.state).toBe("used");
});

test("somebody who asks twice is one request", async () => {
  const { world, ada, link } = await inviting();
  await request(world, link, 1, {});
  await request(world, link, 1, {});
  await world.settle(ada);
  expect((await ada.client.requests()).length).toBe(1);
});
