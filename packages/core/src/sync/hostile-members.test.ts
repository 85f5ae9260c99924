import { signKeyPair } from "@stonechat/crypto";
import { toHex, type DeviceKey, type IdentityKey } from "@stonechat/protocol";
import { ClientWorld, type Person } from "@stonechat/testkit/client-world";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { describe, expect, test } from "vitest";
import { signNextList } from "../identity/device-lists.ts";
import { Attacker } from "../testing/attacker.ts";
import {
  alarmsOf,
  connectAll,
  idOf,
  lastMessageOf,
  makeGroup,
  membersOf,
  noticesOf,
  textsOf,
} from "../testing/people.ts";

/** A group of Ada (admin), Bea and Mallory, who has replaced her program. */
async function setUp(founder: "Ada" | "Mallory" = "Ada"): Promise<{
  readonly world: ClientWorld;
  readonly ada: Person;
  readonly bea: Person;
  readonly group: string;
  readonly mallory: Attacker;
  readonly beaId: string;
  /** Lets the honest ones take in what there is. */
  readonly settle: () => Promise<void>;
}> {
  const world = new ClientWorld();
  const [ada, bea, eve] = [await world.join("Ada"), await world.join("Bea"), await world.join("Mallory")];
  const [hub, ...others] = founder === "Ada" ? [ada, bea, eve] : [eve, ada, bea];
  await connectAll(world, hub, ...others);
  const group = await makeGroup(world, "Team", hub, ...others);
  await ada.client.send(group, { text: "hello" });
  await world.settle(ada, bea, eve);
  const mallory = await Attacker.become(world, eve, group);
  const settle = async (): Promise<void> => {
    for (const { client } of [ada, bea]) await world.until(client.settle(5_000));
  };
  return { world, ada, bea, group, mallory, beaId: await idOf(bea), settle };
}

/** Somebody's identity with a device key that Mallory made. */
async function ghostOf(mallory: Attacker, identityKey: IdentityKey): ReturnType<Attacker["mls"]["verifyKeyPackage"]> {
  const { publicKey, privateKey } = signKeyPair(repeatableRandom("ghost"));
  const now = 1_800_000_000_000;
  const lifetime = { notBefore: now - 86_400_000, notAfter: now + 30 * 86_400_000 };
  const device = { identityKey, deviceKey: publicKey as DeviceKey, privateKey };
  const made = await mallory.mls.createKeyPackage(device, lifetime);
  return mallory.mls.verifyKeyPackage(made.keyPackage);
}

function keyOf(mallory: Attacker, id: string): IdentityKey {
  const member = mallory.group.members().find(({ identityKey }) => toHex(identityKey) === id);
  if (member === undefined) throw new RangeError("not a member");
  return member.identityKey;
}

describe("a commit that breaks a rule is refused by everybody, aloud, and does nothing that it says", () => {
  test("a ghost device under another member's name", async () => {
    const { ada, bea, group, mallory, beaId, settle } = await setUp("Mallory");
    const ghost = await ghostOf(mallory, keyOf(mallory, beaId));
    expect(await mallory.commit({ add: [ghost], remove: [] })).toMatchObject({ type: "appended" });
    await settle();
    for (const person of [ada, bea]) {
      expect(alarmsOf(person)).toContain("ghost-device");
      expect((await person.client.conversation(group)).state).toBe("broken");
      expect(await membersOf(person, group)).toEqual(["Ada", "Bea", "Mallory*"]);
      await expect(person.client.send(group, { text: "x" })).rejects.toMatchObject({ code: "conversation-closed" });
    }
  });

  test("a ghost device with a device list that its owner never signed", async () => {
    const { ada, group, mallory, beaId, settle } = await setUp("Mallory");
    const ghost = await ghostOf(mallory, keyOf(mallory, beaId));
    const forger = { publicKey: keyOf(mallory, beaId), privateKey: mallory.account.identityPrivateKey };
    const { signed } = signNextList(forger, [ghost.deviceKey], undefined, 1_800_000_000_000 as never);
    await mallory.commit({ add: [ghost], remove: [] }, { deviceLists: [signed] });
    await settle();
    expect(alarmsOf(ada)).toContain("ghost-device");
    expect((await ada.client.conversation(group)).state).toBe("broken");
  });

  test("a ghost device of the committer itself, which her list does not name", async () => {
    const { ada, group, mallory, settle } = await setUp();
    await mallory.commit({ add: [await ghostOf(mallory, mallory.account.identityKey)], remove: [] });
    await settle();
    expect(alarmsOf(ada)).toContain("ghost-device");
    // Its maker is known, and an admin is there: it goes on without her.
    expect(await membersOf(ada, group)).toEqual(["Ada*", "Bea"]);
  });

  test("two device lists with one number", async () => {
    const { ada, group, mallory, settle } = await setUp();
    const identity = { publicKey: mallory.account.identityKey, privateKey: mallory.account.identityPrivateKey };
    const rival = signNextList(
      identity,
      [mallory.account.deviceKey],
      undefined,
      (1_800_000_000_000 + 86_400_000) as never,
    );
    await mallory.commit({ add: [], remove: [] }, { deviceLists: [rival.signed] });
    await settle();
    expect(alarmsOf(ada)).toContain("list-mismatch");
    expect((await ada.client.conversation(group)).state).toBe("broken");
  });

  test("a member who is no admin renames", async () => {
    const { ada, bea, group, mallory, settle } = await setUp();
    await mallory.commit({ add: [], remove: [] }, { settings: { ...mallory.record.settings, name: "Hers" } });
    await settle();
    for (const person of [ada, bea]) {
      expect(alarmsOf(person)).toContain("bad-commit");
      expect((await person.client.conversation(group)).name).toBe("Team");
    }
  });

  test("a member who is no admin makes herself one", async () => {
    const { ada, group, mallory, settle } = await setUp();
    const settings = { ...mallory.record.settings, admins: [mallory.account.identityKey] };
    await mallory.commit({ add: [], remove: [] }, { settings });
    await settle();
    expect(alarmsOf(ada)).toContain("bad-commit");
    expect(await membersOf(ada, group)).toEqual(["Ada*", "Bea"]);
  });

  test("a member who is no admin removes another, who keeps reading what was sent before", async () => {
    const { ada, bea, group, mallory, beaId, settle } = await setUp();
    await mallory.commit({ add: [], remove: [mallory.leafOf(beaId)] });
    await settle();
    for (const person of [ada, bea]) {
      expect(alarmsOf(person)).toContain("bad-commit");
      expect(await membersOf(person, group)).toEqual(["Ada*", "Bea"]);
      expect(await textsOf(person, group)).toEqual(["hello"]);
    }
  });

  test("authenticated data that is none", async () => {
    const { ada, mallory, settle } = await setUp("Mallory");
    await mallory.commit({ add: [], remove: [] }, Uint8Array.of(2, 0));
    await settle();
    expect(alarmsOf(ada)).toContain("bad-commit");
  });

  test.each([
    ["nothing", new Uint8Array(0)],
    ["noise", new Uint8Array(512).fill(3)],
  ])("%s in place of a commit", async (_, body) => {
    const { ada, bea, group, mallory, settle } = await setUp();
    expect(await mallory.commitNoise(body)).toMatchObject({ type: "appended" });
    await settle();
    for (const person of [ada, bea]) {
      expect(alarmsOf(person)).toContain("bad-commit");
      expect((await person.client.conversation(group)).state).toBe("broken");
      expect(person.failures).toEqual([]);
    }
  });

  test("a message in place of a commit", async () => {
    const { ada, mallory, settle } = await setUp();
    const { message } = await mallory.group.encrypt(new Uint8Array(1), new Uint8Array(0));
    await mallory.commitNoise(mallory.seal("commit", message));
    await settle();
    expect(alarmsOf(ada)).toContain("bad-commit");
  });
});

test("an honest admin's commit by the same means is taken: the refusals above are the rules' doing", async () => {
  const { ada, bea, group, mallory, settle } = await setUp("Mallory");
  await mallory.commit({ add: [], remove: [] }, { settings: { ...mallory.record.settings, name: "Crew" } });
  await settle();
  for (const person of [ada, bea]) {
    expect(alarmsOf(person)).toEqual([]);
    expect((await person.client.conversation(group)).name).toBe("Crew");
  }
});

test("a message that no member made is passed over, and people are told that something was there", async () => {
  const { ada, bea, group, mallory, settle } = await setUp();
  await mallory.append(new Uint8Array(256).fill(1));
  await mallory.append(mallory.seal("message", new Uint8Array(50)));
  await mallory.sendMessage(new Uint8Array(10).fill(255));
  await mallory.sendMessage({
    type: "message",
    text: "still here",
    replyTo: undefined,
    attachments: [],
    timerSeconds: 0,
    viewOnce: false,
  });
  await settle();
  for (const person of [ada, bea]) {
    expect(await textsOf(person, group)).toEqual(["hello", "still here"]);
    const missing = (await noticesOf(person, group)).filter(({ type }) => type === "missing");
    expect(missing).toEqual([1, 2, 3].map(() => ({ type: "missing", count: 1, reason: "unreadable" })));
    expect(person.failures).toEqual([]);
  }
});

test("a member who sees other devices or members than we do is an alarm, never silence", async () => {
  const { ada, group, mallory, settle } = await setUp();
  const body = {
    type: "message",
    text: "look",
    replyTo: undefined,
    attachments: [],
    timerSeconds: 0,
    viewOnce: false,
  } as const;
  await mallory.sendMessage(body, { ...mallory.honestDetails, stateHash: new Uint8Array(32) });
  await settle();
  expect(alarmsOf(ada)).toEqual(["list-mismatch"]);
  await mallory.sendMessage(body, { ...mallory.honestDetails, senderHead: new Uint8Array(32) as typeof mallory.head });
  await settle();
  expect(alarmsOf(ada)).toEqual(["list-mismatch", "list-mismatch"]);
  expect((await ada.client.conversation(group)).state).toBe("active");
});

test("an entry that is given out again under a new number is not shown again", async () => {
  const { ada, group, mallory, settle } = await setUp();
  const { body } = await mallory.sendMessage({
    type: "message",
    text: "once",
    replyTo: undefined,
    attachments: [],
    timerSeconds: 0,
    viewOnce: false,
  });
  for (let i = 0; i < 3; i += 1) await mallory.append(body);
  await settle();
  expect(await textsOf(ada, group)).toEqual(["hello", "once"]);
});

test("a message sent twice under one id counts once", async () => {
  const { ada, group, mallory, settle } = await setUp();
  const id = "ab".repeat(16);
  const content = {
    type: "message",
    text: "first",
    replyTo: undefined,
    attachments: [],
    timerSeconds: 0,
    viewOnce: false,
  } as const;
  await mallory.sendMessage(content, mallory.honestDetails, id);
  await mallory.sendMessage({ ...content, text: "second" }, mallory.honestDetails, id);
  await settle();
  expect(await textsOf(ada, group)).toEqual(["hello", "first"]);
});

test("another's message is neither edited nor deleted, and receipts count for their own author only", async () => {
  const { ada, bea, group, mallory, settle } = await setUp();
  const message = await lastMessageOf(bea, group);
  const target = Uint8Array.from(Buffer.from(message.id, "hex")) as never;
  await mallory.sendMessage({ type: "edit", target, text: "forged" });
  await mallory.sendMessage({ type: "delete", target });
  await mallory.sendMessage({ type: "edit", target: new Uint8Array(16) as never, text: "of nothing" });
  await settle();
  for (const person of [ada, bea]) {
    expect(await textsOf(person, group)).toEqual(["hello"]);
    expect((await person.client.message(group, message.id)).editedAt).toBeUndefined();
  }
});

test("nobody puts more than eight reactions on a message, however often they try", async () => {
  const { ada, group, mallory, settle } = await setUp();
  const message = await lastMessageOf(ada, group);
  const target = Uint8Array.from(Buffer.from(message.id, "hex")) as never;
  for (let i = 0; i < 20; i += 1)
    await mallory.sendMessage({ type: "reaction", target, emoji: String.fromCodePoint(0x1f600 + i), removed: false });
  await settle();
  expect((await ada.client.message(group, message.id)).reactions.length).toBe(8);
});

test("a body of a later version is kept and shown as such", async () => {
  const { ada, group, mallory, settle } = await setUp();
  await mallory.sendMessage({ type: "unsupported", tag: 4711, data: Uint8Array.of(1, 2, 3) });
  await settle();
  expect((await lastMessageOf(ada, group)).body).toEqual({ type: "unsupported" });
});

test("in a group nobody is led into other groups, given pools or asked to readmit", async () => {
  const { ada, bea, group, mallory, settle } = await setUp();
  const { groupId } = mallory.record;
  await mallory.sendMessage({ type: "rejoin", groupId });
  await mallory.sendMessage({ type: "pools", pools: [] });
  await mallory.sendMessage({
    type: "group-welcome",
    welcome: {
      groupId: new Uint8Array(32) as typeof groupId,
      address: { relayUrl: mallory.record.relayUrl, logId: mallory.record.logId },
      firstSeq: 0,
      welcomes: [new Uint8Array(10)],
      state: { type: "inline", joinState: new Uint8Array(10) },
    },
  });
  await settle();
  expect([await ada.client.requests(), await bea.client.requests()]).toEqual([[], []]);
  expect(await membersOf(ada, group)).toEqual(["Ada*", "Bea", "Mallory"]);
});

test("a conversation of two that was broken begins anew by an invite, with the same contact", async () => {
  const world = new ClientWorld();
  const [ada, bea] = [await world.join("Ada"), await world.join("Bea")];
  const conversation = await world.connect(ada, bea);
  await ada.client.send(conversation, { text: "hello" });
  await world.settle(ada, bea);
  const attacker = await Attacker.become(world, bea, conversation);
  await attacker.commitNoise(new Uint8Array(256));
  await world.until(ada.client.settle(5_000));
  expect((await ada.client.conversation(conversation)).state).toBe("broken");

  const again = await world.open(bea.files);
  await world.settle(again, ada);
  const { link } = await world.until(again.client.createInvite({ reusable: false, expiresInMs: 3_600_000 }));
  await world.until(ada.client.acceptInvite(link));
  await world.settle(ada, again);
  const [request] = await again.client.requests();
  const { conversationId } = await world.until(again.client.acceptRequest(request?.id ?? ""));
  await world.settle(again, ada, again);
  await ada.client.send(conversationId, { text: "there you are" });
  await world.settle(ada, again);
  expect(await textsOf(again, conversationId)).toEqual(["there you are"]);
  for (const person of [ada, again])
    expect((await person.client.contacts()).map((contact) => contact.conversationId)).toEqual([conversationId]);
  expect(await textsOf(ada, conversation)).toEqual(["hello"]);
});
