import { hpkeSeal, initCrypto, labelled, mlsPrimitives, signKeyPairFromSeed } from "@stonechat/crypto";
import {
  commitDetails,
  groupWelcome,
  joinRequestBody,
  joinState,
  type ConversationSettings,
  type DeviceKey,
  type EntryId,
  type GroupId,
  type IdentityKey,
  type JoinRequestBody,
  type LogId,
  type SignedDeviceList,
} from "@stonechat/protocol";
import { ClientWorld, WORLD_URL, type Person } from "@stonechat/testkit/client-world";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { testSqlite } from "@stonechat/testkit/test-sqlite";
import { beforeAll, expect, test } from "vitest";
import { loadAccount, toDeviceKeys, type Account } from "../identity/account.ts";
import { signNextList } from "../identity/device-lists.ts";
import { heldChain, identityRow } from "../identity/identity-store.ts";
import type { DeviceKeys } from "../mls/contract.ts";
import { createMls } from "../mls/index.ts";
import { askRelay } from "../testing/ask-relay.ts";
import { idOf } from "../testing/people.ts";
import { openDatabase } from "../vault/database.ts";
import { MIGRATIONS } from "../vault/schema.ts";

beforeAll(initCrypto);

const random = repeatableRandom("answers");
const NOTHING = new Uint8Array(0);
const direct: ConversationSettings = { kind: "direct", name: "", admins: [], whoMayAdd: "admins", timerSeconds: 0 };

/** What an answer may get wrong; everything else about it is right. */
interface Wrong {
  readonly maker?: "another identity" | "a device that is not listed";
  readonly third?: true;
  readonly settings?: ConversationSettings;
  readonly otherGroupId?: true;
  readonly tree?: Uint8Array;
  readonly sealedFor?: "join request" | "join answer";
  readonly withoutLists?: true;
  readonly noise?: true;
}

/** Eve's invite, Ada's request for it, and Eve's program in place of the honest one. */
interface Scene {
  readonly world: ClientWorld;
  readonly ada: Person;
  readonly eveId: string;
  readonly eve: Account;
  readonly eveLists: readonly SignedDeviceList[];
  readonly asked: JoinRequestBody;
}

async function setUp(): Promise<Scene> {
  const world = new ClientWorld();
  const [eve, ada] = [await world.join("Eve"), await world.join("Ada")];
  const eveId = await idOf(eve);
  const { link } = await world.until(eve.client.createInvite({ reusable: false, expiresInMs: 3_600_000 }));
  await world.until(ada.client.acceptInvite(link));
  await world.settle(ada, eve);
  await world.until(eve.client.close());
  const sqlite = await testSqlite();
  const db = await openDatabase({ sqlite, files: eve.files, name: "stonechat.db", migrations: MIGRATIONS });
  const stolen = await db.transaction((tx) => {
    const account = loadAccount(tx);
    const row = tx.get<{ data: Uint8Array }>("SELECT data FROM requests");
    if (account === undefined || row === undefined) throw new RangeError("no request came");
    const eveLists = heldChain(tx, identityRow(tx, account.identityKey));
    return { eve: account, eveLists, asked: joinRequestBody.decode(row.data) };
  });
  await db.close();
  return { world, ada, eveId, ...stolen };
}

/** An account of nobody, with one device. */
function stranger(
  seed: number,
  now: ReturnType<ClientWorld["clock"]["now"]>,
): DeviceKeys & { readonly list: SignedDeviceList } {
  const identity = signKeyPairFromSeed(new Uint8Array(32).fill(seed));
  const device = signKeyPairFromSeed(new Uint8Array(32).fill(seed + 1));
  const identityKey = identity.publicKey as IdentityKey;
  const deviceKey = device.publicKey as DeviceKey;
  const { signed } = signNextList(
    { publicKey: identityKey, privateKey: identity.privateKey },
    [deviceKey],
    undefined,
    now,
  );
  return { identityKey, deviceKey, privateKey: device.privateKey, list: signed };
}

async function answer({ world, eve, eveLists, asked }: Scene, wrong: Wrong): Promise<void> {
  const now = world.clock.now();
  const mls = createMls({ primitives: mlsPrimitives(random), now: () => now });
  const other = stranger(50, now);
  const third = stranger(70, now);
  const maker: DeviceKeys =
    wrong.maker === "another identity"
      ? other
      : wrong.maker === "a device that is not listed"
        ? { ...other, identityKey: eve.identityKey }
        : toDeviceKeys(eve);
  const groupId = random.bytes(32) as GroupId;
  const { group } = await mls.createGroup({ groupId, device: maker });
  const add = [await mls.verifyKeyPackage(asked.keyPackages[0] ?? NOTHING)];
  if (wrong.third === true) {
    const lifetime = { notBefore: now - 86_400_000, notAfter: now + 86_400_000 };
    add.push(await mls.verifyKeyPackage((await mls.createKeyPackage(third, lifetime)).keyPackage));
  }
  const authenticatedData = commitDetails.encode({ settings: undefined, deviceLists: [], names: [] });
  const staged = await group.stageCommit({ add, remove: [], authenticatedData });
  const lists = [...eveLists, ...asked.deviceLists, other.list, third.list];
  const welcome = groupWelcome.encode({
    groupId: wrong.otherGroupId === true ? (random.bytes(32) as GroupId) : groupId,
    address: { relayUrl: WORLD_URL, logId: random.bytes(32) as LogId },
    firstSeq: 1,
    welcomes: staged.welcomes.slice(0, 1),
    state: {
      type: "inline",
      joinState: joinState.encode({
        tree: wrong.tree ?? staged.tree,
        deviceLists: wrong.withoutLists === true ? [] : lists,
        names: [],
        settings: wrong.settings ?? direct,
      }),
    },
  });
  const info = labelled(wrong.sealedFor ?? "join answer", asked.replyLog);
  const sealed = hpkeSeal(asked.replyKemKey, info, NOTHING, welcome, random);
  await append(world, asked, wrong.noise === true ? random.bytes(2000) : sealed);
}

async function append(world: ClientWorld, asked: JoinRequestBody, body: Uint8Array): Promise<void> {
  const entryId = random.bytes(16) as EntryId;
  const to = { logId: asked.replyLog, appendToken: asked.replyAppendToken, entryId };
  expect(await askRelay(world, { type: "append", ...to, ttlSeconds: 3600, body })).toMatchObject({ type: "appended" });
}

const REFUSED: readonly (readonly [string, Wrong])[] = [
  ["into a group that another identity made", { maker: "another identity" }],
  ["into a group made by a device that is not in the inviter's list", { maker: "a device that is not listed" }],
  ["into a group with a third account", { third: true }],
  ["that calls the conversation a group", { settings: { ...direct, kind: "group", name: "Team" } }],
  ["that calls the conversation an own one", { settings: { ...direct, kind: "own" } }],
  ["that names another group than its Welcome", { otherGroupId: true }],
  ["with another tree than the signed one", { tree: new Uint8Array(64) }],
  ["without the members' device lists", { withoutLists: true }],
  ["that was sealed for another use", { sealedFor: "join request" }],
  ["that is noise", { noise: true }],
];

test.each(REFUSED)("an answer %s is passed over, and the true one that follows is taken", async (_, wrong) => {
  const scene = await setUp();
  const { world, ada, eveId } = scene;
  await answer(scene, wrong);
  await world.until(ada.client.settle(5_000));
  expect(await ada.client.contacts()).toEqual([]);
  expect((await ada.client.requests()).map(({ type }) => type)).toEqual(["sent"]);
  expect(ada.failures).toEqual([]);
  await answer(scene, {});
  await world.until(ada.client.settle(5_000));
  expect((await ada.client.contacts()).map(({ id }) => id)).toEqual([eveId]);
  expect(await ada.client.requests()).toEqual([]);
});

test("a second answer changes nothing", async () => {
  const scene = await setUp();
  const { world, ada } = scene;
  await answer(scene, {});
  await world.until(ada.client.settle(5_000));
  const [contact] = await ada.client.contacts();
  await answer(scene, {}).catch(() => undefined);
  await world.until(ada.client.settle(5_000));
  expect((await ada.client.contacts()).map(({ conversationId }) => conversationId)).toEqual([contact?.conversationId]);
});
