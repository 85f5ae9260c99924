import { signKeyPair } from "@stonechat/crypto";
import {
  joinState,
  parseHex,
  toHex,
  type ContentBody,
  type GroupWelcome,
  type IdentityKey,
  type SignedDeviceList,
} from "@stonechat/protocol";
import { ClientWorld, WORLD_URL, type Person } from "@stonechat/testkit/client-world";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { expect, test } from "vitest";
import { conversationByGroup } from "../conversations/conversation-record.ts";
import { signNextList, type CheckedList } from "../identity/device-lists.ts";
import { loadAccount } from "../identity/account.ts";
import { heldChain, identityRow, storeLists } from "../identity/identity-store.ts";
import { Attacker } from "../testing/attacker.ts";
import { alarmsOf, connectAll, idOf, makeGroup, membersOf, noticesOf, requestOf, textsOf } from "../testing/people.ts";
import { tamper } from "../testing/tamper.ts";
import { enqueue } from "./outbox.ts";
import { addIntent } from "./staged-commit.ts";

/** Puts contents of any kind into a person's outbox, as a changed program would. */
function say(
  world: ClientWorld,
  person: Person,
  conversation: string,
  bodies: readonly ContentBody[],
): Promise<Person> {
  return tamper(world, person, (tx) => {
    const record = conversationByGroup(tx, parseHex(conversation));
    if (record === undefined) throw new RangeError("no such conversation");
    const random = repeatableRandom("said by hand");
    for (const body of bodies) enqueue(tx, random, record.id, { sentAt: 0, body });
  });
}

function bogusWelcome(groupId: number, relayUrl = "http://localhost:1"): GroupWelcome {
  return {
    groupId: new Uint8Array(32).fill(groupId) as GroupWelcome["groupId"],
    address: { relayUrl, logId: new Uint8Array(32).fill(groupId) as GroupWelcome["address"]["logId"] },
    firstSeq: 3,
    welcomes: [new Uint8Array(10)],
    state: { type: "inline", joinState: new Uint8Array(10) },
  };
}

async function pair(): Promise<{ world: ClientWorld; ada: Person; mallory: Person; conversation: string }> {
  const world = new ClientWorld();
  const [ada, mallory] = [await world.join("Ada"), await world.join("Mallory")];
  return { world, ada, mallory, conversation: await world.connect(ada, mallory) };
}

test("a message from beyond the calendar is unreadable, so that nobody fails at showing its time", async () => {
  const { world, ada, mallory, conversation } = await pair();
  const attacker = await Attacker.become(world, mallory, conversation);
  // The structure of a content (PROTOCOL.md) with the greatest time that 53 bits can say.
  const content = new Uint8Array([1, ...new Uint8Array(16).fill(7), 0, 0x1f, ...new Uint8Array(6).fill(255)]);
  await attacker.sendMessage(new Uint8Array([...content, 0, 1, 4, 1, 120, 0, 0, 0]));
  await world.until(ada.client.settle(5_000));
  expect(await textsOf(ada, conversation)).toEqual([]);
  expect(await noticesOf(ada, conversation)).toContainEqual({ type: "missing", count: 1, reason: "unreadable" });
});

test("one contact's invitations to groups do not pile up", async () => {
  const { world, ada, mallory, conversation } = await pair();
  const flood = Array.from({ length: 60 }, (_, i): ContentBody => ({
    type: "group-welcome",
    welcome: bogusWelcome(i + 1),
  }));
  const again = await say(world, mallory, conversation, flood);
  await world.settle(again, ada);
  expect((await ada.client.requests()).length).toBe(20);
});

test("a contact cannot replace another's invitation to a group", async () => {
  const world = new ClientWorld();
  const [ada, bea, mallory] = [await world.join("Ada"), await world.join("Bea"), await world.join("Mallory")];
  await connectAll(world, bea, ada);
  const withMallory = await world.connect(bea, mallory);
  const { id } = await ada.client.createGroup({ name: "Team", contactIds: [await idOf(bea)] });
  await world.settle(ada, bea);
  const welcome = { ...bogusWelcome(1), groupId: parseHex(id) as GroupWelcome["groupId"] };
  const again = await say(world, mallory, withMallory, [{ type: "group-welcome", welcome }]);
  await world.settle(again, bea);
  const request = (await bea.client.requests()).find((each) => each.type === "group" && each.fromName === "Ada");
  await world.until(bea.client.acceptRequest(request?.id ?? ""));
  await world.settle(bea, ada);
  expect(await membersOf(ada, id)).toEqual(["Ada*", "Bea"]);
  expect(await bea.client.requests()).toEqual([]);
});

test("a contact whose pool cannot be reached holds up nobody else of the group", async () => {
  const { world, ada, mallory, conversation } = await pair();
  const bea = await world.join("Bea");
  await world.connect(ada, bea);
  const pools = { type: "pools", pools: [] as Extract<ContentBody, { type: "pools" }>["pools"] } as const;
  const own = await Attacker.become(world, mallory, conversation);
  const away = { deviceKey: own.account.deviceKey, poolId: new Uint8Array(32) as never, secret: new Uint8Array(32) };
  const reopened = await world.open(mallory.files);
  const again = await say(world, reopened, conversation, [
    { ...pools, pools: [{ ...away, relayUrl: "https://nowhere.example" }] },
  ]);
  await world.settle(again, ada);
  const deaf = await openDeaf(world, ada);
  const { id } = await deaf.client.createGroup({ name: "Team", contactIds: [await idOf(again), await idOf(bea)] });
  await world.until(deaf.client.settle(5_000));
  await world.settle(bea);
  await world.until(bea.client.acceptRequest((await requestOf(bea)).id));
  await deaf.client.send(id, { text: "we go on" });
  await world.until(deaf.client.settle(5_000));
  await world.settle(bea);
  expect(await textsOf(bea, id)).toEqual(["we go on"]);
});

/** Other relays than the one never answer. */
async function openDeaf(world: ClientWorld, person: Person): Promise<Person> {
  await world.until(person.client.close());
  const transport = world.transport();
  return world.open(person.files, {
    transport: {
      canReach: () => true,
      openSocket: (url, events) =>
        url === WORLD_URL ? transport.openSocket(url, events) : { send: () => undefined, close: () => undefined },
    },
  });
}

test("who declines for a group that he entered by another makes no plain member break it", async () => {
  const world = new ClientWorld();
  const [ada, bea, mallory] = [await world.join("Ada"), await world.join("Bea"), await world.join("Mallory")];
  await connectAll(world, ada, bea, mallory);
  const withBea = await world.connect(bea, mallory);
  const group = await makeGroup(world, "Team", ada, bea);
  await world.until(ada.client.addMembers(group, [await idOf(mallory)]));
  await world.settle(ada, bea, mallory);
  const again = await say(world, mallory, withBea, [{ type: "decline", groupId: parseHex(group) }]);
  await world.settle(again, bea, ada);
  for (const person of [ada, bea]) {
    expect(alarmsOf(person)).toEqual([]);
    expect((await person.client.conversation(group)).state).toBe("active");
  }
});

test("an admin's wish that came too late is dropped, and does not break the group", async () => {
  const world = new ClientWorld();
  const [ada, bea] = [await world.join("Ada"), await world.join("Bea")];
  await world.connect(ada, bea);
  const group = await makeGroup(world, "Team", ada, bea);
  const late = await tamper(world, bea, (tx) => {
    const record = conversationByGroup(tx, parseHex(group));
    addIntent(tx, record?.id ?? 0, { type: "rename", name: "Mine" });
  });
  await world.settle(late, ada);
  await ada.client.send(group, { text: "still here" });
  await world.settle(ada, late);
  for (const person of [ada, late]) {
    expect(alarmsOf(person)).toEqual([]);
    expect((await person.client.conversation(group)).name).toBe("Team");
  }
  expect(await textsOf(late, group)).toEqual(["still here"]);
});

test("KeyPackages that do not fit into the group drop the wish and stop nothing", async () => {
  const world = new ClientWorld();
  const [ada, bea, mallory] = [await world.join("Ada"), await world.join("Bea"), await world.join("Mallory")];
  await connectAll(world, ada, bea, mallory);
  const group = await makeGroup(world, "Team", ada, bea, mallory);
  const attacker = await Attacker.become(world, mallory, group);
  // Another account of hers names the device that is in the group already.
  const other = signKeyPair(repeatableRandom("other account"));
  const identity = { publicKey: other.publicKey as IdentityKey, privateKey: other.privateKey };
  const { deviceKey, devicePrivateKey } = attacker.account;
  const list = signNextList(identity, [deviceKey], undefined, world.clock.now());
  const now = world.clock.now();
  const lifetime = { notBefore: now - 1, notAfter: now + 86_400_000 };
  const device = { identityKey: identity.publicKey, deviceKey, privateKey: devicePrivateKey };
  const { keyPackage } = await attacker.mls.createKeyPackage(device, lifetime);
  const again = await tamper(world, ada, (tx) => {
    const record = conversationByGroup(tx, parseHex(group));
    storeLists(tx, identity.publicKey, [list.signed], now);
    const account = { identityKey: identity.publicKey, keyPackages: [keyPackage], via: { type: "direct" } } as const;
    addIntent(tx, record?.id ?? 0, { type: "add", accounts: [account] });
  });
  await again.client.send(group, { text: "still here" });
  await world.settle(again, bea);
  expect(await textsOf(bea, group)).toEqual(["still here"]);
  expect(again.failures).toEqual([]);
});

test("a chain of device lists that grows without end is refused", async () => {
  const world = new ClientWorld();
  const [ada, bea, mallory] = [await world.join("Ada"), await world.join("Bea"), await world.join("Mallory")];
  await connectAll(world, ada, bea, mallory);
  const group = await makeGroup(world, "Team", ada, bea, mallory);
  const attacker = await Attacker.become(world, mallory, group);
  const identity = { publicKey: attacker.account.identityKey, privateKey: attacker.account.identityPrivateKey };
  const chain: CheckedList[] = [];
  // The first one is the one that everybody holds.
  for (let i = 0; i < 80; i += 1)
    chain.push(signNextList(identity, [attacker.account.deviceKey], chain.at(-1), world.clock.now()));
  expect(toHex(chain[0]?.head ?? new Uint8Array(0))).toBe(toHex(attacker.head));
  await attacker.commit({ add: [], remove: [] }, { deviceLists: chain.slice(1).map(({ signed }) => signed) });
  await world.until(ada.client.settle(5_000));
  expect((await ada.client.conversation(group)).state).toBe("broken");
  expect(ada.failures).toEqual([]);
});

test("a list that only some hold makes no false alarm", async () => {
  const world = new ClientWorld();
  const [ada, bea, mallory] = [await world.join("Ada"), await world.join("Bea"), await world.join("Mallory")];
  await connectAll(world, ada, bea, mallory);
  const group = await makeGroup(world, "Team", ada, bea);
  const withMallory = (await ada.client.contact(await idOf(mallory))).conversationId;
  // Mallory shows a second list to Ada alone, in their conversation of two.
  const attacker = await Attacker.become(world, mallory, withMallory);
  const identity = { publicKey: attacker.account.identityKey, privateKey: attacker.account.identityPrivateKey };
  const first = signNextList(identity, [attacker.account.deviceKey], undefined, world.clock.now());
  const second = signNextList(identity, [attacker.account.deviceKey], first, world.clock.now());
  await attacker.commit({ add: [], remove: [] }, { deviceLists: [second.signed] });
  await world.until(ada.client.settle(5_000));
  const lifetime = { notBefore: world.clock.now() - 1, notAfter: world.clock.now() + 86_400_000 };
  const device = { ...attacker.account, privateKey: attacker.account.devicePrivateKey };
  const { keyPackage } = await attacker.mls.createKeyPackage(device, lifetime);
  // Bea, an admin now, adds her by the first list.
  await world.until(ada.client.setRole(group, await idOf(bea), "admin"));
  await world.settle(ada, bea);
  const honest = await tamper(world, bea, (tx) => {
    const record = conversationByGroup(tx, parseHex(group));
    storeLists(tx, identity.publicKey, [first.signed], world.clock.now());
    const account = { identityKey: identity.publicKey, keyPackages: [keyPackage], via: { type: "direct" } } as const;
    addIntent(tx, record?.id ?? 0, { type: "add", accounts: [account] });
  });
  await world.settle(honest, ada);
  await honest.client.send(group, { text: "three of us" });
  await world.settle(honest, ada);
  expect(await textsOf(ada, group)).toEqual(["three of us"]);
  expect((await ada.client.members(group)).length).toBe(3);
  expect(alarmsOf(ada)).toEqual([]);
});

test("a request is accepted once, however often somebody says yes", async () => {
  const world = new ClientWorld();
  const [ada, bea] = [await world.join("Ada"), await world.join("Bea")];
  const { link } = await world.until(ada.client.createInvite({ reusable: true, expiresInMs: 3_600_000 }));
  await world.until(bea.client.acceptInvite(link));
  await world.settle(ada, bea);
  const { id } = await requestOf(ada);
  const outcomes = await world.until(Promise.allSettled([ada.client.acceptRequest(id), ada.client.acceptRequest(id)]));
  expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  expect((await ada.client.conversations()).filter(({ kind }) => kind === "direct").length).toBe(1);
});

test("who is blocked does not come back by a link", async () => {
  const { world, ada, mallory } = await pair();
  await ada.client.setBlocked(await idOf(mallory), true);
  const { link } = await world.until(ada.client.createInvite({ reusable: true, expiresInMs: 3_600_000 }));
  const again = await tamper(world, mallory, (tx) => {
    tx.run("UPDATE conversations SET state = 'left' WHERE kind = 'direct'");
  });
  await world.until(again.client.acceptInvite(link));
  await world.settle(again, ada);
  expect(await ada.client.requests()).toEqual([]);
});

test("an attachment that lies elsewhere is not fetched from there", async () => {
  const { world, ada, mallory, conversation } = await pair();
  const asked: string[] = [];
  const spy = await tamperPorts(world, ada, asked);
  const blob = {
    relayUrl: "http://attacker.example",
    blobId: new Uint8Array(32) as never,
    key: new Uint8Array(32),
    prefix: new Uint8Array(7),
    sha256: new Uint8Array(32),
    size: 10,
    storedSize: 26,
  };
  const attachment = { name: "a", mediaType: "text/plain", kind: "file", width: 0, height: 0 } as const;
  const again = await say(world, mallory, conversation, [
    {
      type: "message",
      text: "look",
      replyTo: undefined,
      attachments: [{ ...attachment, thumbnail: new Uint8Array(0), blob }],
      timerSeconds: 0,
      viewOnce: false,
    },
  ]);
  await world.settle(again, spy);
  const { messages } = await spy.client.messages(conversation, { limit: 10 });
  const message = messages.find(({ attachments }) => attachments.length > 0);
  await expect(
    world.until(spy.client.download(conversation, message?.id ?? "", message?.attachments[0]?.id ?? "")),
  ).rejects.toMatchObject({ code: "attachment-gone" });
  expect(asked.filter((url) => url.includes("attacker"))).toEqual([]);
});

async function tamperPorts(world: ClientWorld, person: Person, asked: string[]): Promise<Person> {
  await world.until(person.client.close());
  const http = world.http();
  return world.open(person.files, {
    http: {
      request: (request) => {
        asked.push(request.url);
        return http.request(request);
      },
    },
  });
}

test("a group that broke is entered again by its admins' word only; anybody else's is a question", async () => {
  const world = new ClientWorld();
  const [ada, bea, mallory] = [await world.join("Ada"), await world.join("Bea"), await world.join("Mallory")];
  await connectAll(world, ada, bea, mallory);
  const withBea = await world.connect(bea, mallory);
  const group = await makeGroup(world, "Team", ada, bea, mallory);
  const attacker = await Attacker.become(world, mallory, group);
  await attacker.commitNoise(new Uint8Array(256));
  await world.until(bea.client.settle(5_000));
  expect((await bea.client.conversation(group)).state).toBe("broken");
  const { groupId, relayUrl, logId } = attacker.record;
  const welcome = { ...bogusWelcome(1), groupId, address: { relayUrl, logId }, firstSeq: 1_000 };
  const again = await say(world, await world.open(mallory.files), withBea, [{ type: "group-welcome", welcome }]);
  await world.until(again.client.settle(5_000));
  await world.until(bea.client.settle(5_000));
  expect(bea.failures).toEqual([]);
  expect((await bea.client.requests()).map(({ type }) => type)).toEqual(["group"]);
});

test("a conversation of two never becomes a group under the same name", async () => {
  const { world, ada, mallory, conversation } = await pair();
  const eve = await world.join("Eve");
  const attacker = await Attacker.become(world, mallory, conversation);
  await attacker.commitNoise(new Uint8Array(256));
  await world.until(ada.client.settle(5_000));
  const anew = await world.open(mallory.files);
  const { link } = await world.until(ada.client.createInvite({ reusable: false, expiresInMs: 3_600_000 }));
  const unbroken = await tamper(world, anew, (tx) => {
    tx.run("UPDATE conversations SET state = 'broken' WHERE kind = 'direct'");
  });
  await world.until(unbroken.client.acceptInvite(link));
  await world.settle(unbroken, ada);
  const { conversationId } = await world.until(ada.client.acceptRequest((await requestOf(ada)).id));
  await world.settle(ada, unbroken, ada);

  // A group with the id of the old conversation: Mallory, Ada, and Eve whom nobody told of.
  const packages: Uint8Array[] = [];
  const lists: SignedDeviceList[] = [];
  const people = [];
  for (const person of [ada, eve])
    people.push(
      await tamper(world, person, (tx) => {
        const row = tx.get<{ key_package: Uint8Array }>(
          "SELECT key_package FROM key_packages WHERE use = 'pool' LIMIT 1",
        );
        packages.push(row?.key_package ?? new Uint8Array(0));
        lists.push(...heldChain(tx, identityRow(tx, loadAccount(tx)?.identityKey as IdentityKey)));
      }),
    );
  const { mls, account, record } = attacker;
  const device = { ...account, privateKey: account.devicePrivateKey };
  const made = await mls.createGroup({ groupId: record.groupId, device });
  const add = await Promise.all(packages.map((bytes) => mls.verifyKeyPackage(bytes)));
  let { group } = made;
  // Some epochs, so that it looks newer than what it stands for.
  for (let i = 0; i < 5; i += 1)
    group = (await group.stageCommit({ add: [], remove: [], authenticatedData: new Uint8Array(0) })).step.group;
  const staged = await group.stageCommit({ add, remove: [], authenticatedData: new Uint8Array(0) });
  const own = signNextList(
    { publicKey: account.identityKey, privateKey: account.identityPrivateKey },
    [account.deviceKey],
    undefined,
    world.clock.now(),
  );
  const welcome: GroupWelcome = {
    groupId: record.groupId,
    address: { relayUrl: record.relayUrl, logId: record.logId },
    firstSeq: 1_000,
    welcomes: staged.welcomes.slice(0, 1),
    state: {
      type: "inline",
      joinState: joinState.encode({
        tree: staged.tree,
        deviceLists: [own.signed, ...lists],
        names: [],
        settings: { kind: "group", name: "x", admins: [account.identityKey], whoMayAdd: "admins", timerSeconds: 0 },
      }),
    },
  };
  const [victim] = people;
  if (victim === undefined) throw new RangeError("nobody");
  const last = await say(world, unbroken, conversationId, [{ type: "group-welcome", welcome }]);
  await world.until(last.client.settle(5_000));
  await world.until(victim.client.settle(5_000));
  for (const request of await victim.client.requests())
    await expect(world.until(victim.client.acceptRequest(request.id))).rejects.toMatchObject({ code: "bad-link" });
  expect((await victim.client.conversation(conversation)).state).toBe("broken");
  expect((await victim.client.members(conversation)).length).toBe(2);
});

test("a wish to remove several, oneself among them, removes the others", async () => {
  const world = new ClientWorld();
  const [ada, bea] = [await world.join("Ada"), await world.join("Bea")];
  await world.connect(ada, bea);
  const group = await makeGroup(world, "Team", ada, bea);
  const again = await tamper(world, ada, (tx) => {
    const record = conversationByGroup(tx, parseHex(group));
    const keys = tx.all<{ key: Uint8Array }>("SELECT key FROM identities").map(({ key }) => key as IdentityKey);
    addIntent(tx, record?.id ?? 0, { type: "remove", identityKeys: keys });
  });
  await world.settle(again, bea);
  expect(again.failures).toEqual([]);
  expect(await membersOf(again, group)).toEqual(["Ada*"]);
  expect((await bea.client.conversation(group)).state).toBe("removed");
});

test("a request that was taken back makes no contact, whoever answers it", async () => {
  const world = new ClientWorld();
  const [ada, bea] = [await world.join("Ada"), await world.join("Bea")];
  const { link } = await world.until(ada.client.createInvite({ reusable: false, expiresInMs: 3_600_000 }));
  const { requestId } = await world.until(bea.client.acceptInvite(link));
  await world.settle(bea, ada);
  await bea.client.declineRequest(requestId);
  await world.until(ada.client.acceptRequest((await requestOf(ada)).id));
  await world.settle(ada, bea);
  expect(await bea.client.contacts()).toEqual([]);
  expect((await bea.client.conversations()).filter(({ kind }) => kind === "direct")).toEqual([]);
  expect(bea.failures).toEqual([]);
});
