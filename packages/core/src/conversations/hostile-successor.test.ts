import {
  conversationSettings,
  parseHex,
  type EntryId,
  type LogId,
  type Token,
  type TokenHash,
} from "@stonechat/protocol";
import { ClientWorld, type Person } from "@stonechat/testkit/client-world";
import { describe, expect, test } from "vitest";
import { identityRow } from "../identity/identity-store.ts";
import { askRelay } from "../testing/ask-relay.ts";
import { Attacker } from "../testing/attacker.ts";
import { alarmsOf, connectAll, idOf, joinAll, makeGroup, membersOf, requestOf, textsOf } from "../testing/people.ts";
import { tamper } from "../testing/tamper.ts";
import { conversationByGroup } from "./conversation-record.ts";

interface Scene {
  readonly world: ClientWorld;
  readonly ada: Person;
  readonly bea: Person;
  readonly cyd: Person;
  readonly eve: Person;
  readonly eveId: string;
  readonly group: string;
}

/** A group of Ada (admin), Bea, Cyd and Mallory; all know Ada, and Bea knows Cyd. */
async function setUp(): Promise<Scene> {
  const world = new ClientWorld();
  const [ada, bea, cyd, eve] = await joinAll(world, "Ada", "Bea", "Cyd", "Mallory");
  await connectAll(world, ada, bea, cyd, eve);
  await world.connect(bea, cyd);
  const group = await makeGroup(world, "Team", ada, bea, cyd, eve);
  await ada.client.send(group, { text: "hello" });
  await world.settle(ada, bea, cyd, eve);
  return { world, ada, bea, cyd, eve, eveId: await idOf(eve), group };
}

async function breakGroup({ world, eve, group }: Scene): Promise<Attacker> {
  const mallory = await Attacker.become(world, eve, group);
  await mallory.commit({ add: [], remove: [] }, { settings: { ...mallory.record.settings, name: "Hers" } });
  return mallory;
}

const groupsOf = async ({ client }: Person): Promise<readonly string[]> =>
  (await client.conversations()).filter(({ kind }) => kind === "group").map(({ id, state }) => `${id} ${state}`);

// Each makes several accounts and contacts first.
const SLOW = { timeout: 60_000 };

describe("nobody leads others into another group but by these rules", SLOW, () => {
  test("a member who is no admin has neither the means nor, with another program, a following", async () => {
    const scene = await setUp();
    const { world, ada, cyd, group } = scene;
    await world.until(ada.client.close());
    await breakGroup(scene);
    await world.settle(scene.bea, cyd);
    expect(await scene.bea.client.conversation(group)).toMatchObject({
      state: "broken",
      continuation: { by: "admin", offenderName: "Mallory" },
    });
    await expect(scene.bea.client.continueGroup(group, scene.eveId)).rejects.toMatchObject({ code: "not-allowed" });
    const beaKey = parseHex(await idOf(scene.bea));
    const bea = await tamper(world, scene.bea, (tx) => {
      const record = conversationByGroup(tx, parseHex(group));
      if (record === undefined) throw new RangeError("no group");
      const settings = { ...record.settings, admins: [beaKey as (typeof record.settings.admins)[number]] };
      tx.run("UPDATE conversations SET settings = ? WHERE id = ?", conversationSettings.encode(settings), record.id);
    });
    await world.until(bea.client.continueGroup(group, scene.eveId));
    await world.settle(bea, cyd);
    expect(await groupsOf(cyd)).toEqual([`${group} broken`]);
    expect(await cyd.client.requests()).toMatchObject([{ type: "group", fromName: "Bea" }]);
  });

  test("an admin who slips somebody in is not followed without consent", async () => {
    const scene = await setUp();
    const { world, bea, cyd, group } = scene;
    const dan = await world.join("Dan");
    await world.connect(scene.ada, dan);
    const danKey = parseHex(await idOf(dan));
    const ada = await tamper(world, scene.ada, (tx) => {
      const record = conversationByGroup(tx, parseHex(group));
      const identity = identityRow(tx, danKey as Parameters<typeof identityRow>[1]);
      tx.run(
        `INSERT INTO conversation_members (conversation, identity, list_seq, list_head, device_count) VALUES (?, ?, 0, x'', 1)`,
        record?.id,
        identity,
      );
    });
    await world.settle(ada);
    await breakGroup(scene);
    await world.settle(ada, bea, cyd);
    for (const person of [bea, cyd]) {
      expect(await groupsOf(person)).toEqual([`${group} broken`]);
      expect(await person.client.requests()).toMatchObject([{ type: "group", fromName: "Ada" }]);
    }
    // With the user's yes it takes the old one's place, and shows who is in it.
    await world.until(bea.client.acceptRequest((await requestOf(bea)).id));
    await world.settle(bea, ada);
    expect(await groupsOf(bea)).toHaveLength(1);
    expect((await membersOf(bea, group)).map((name) => name.replace("?", ""))).toContain("Dan");
  });

  test("a group that is well is not replaced by one admin's claim that it ended", async () => {
    const scene = await setUp();
    const { world, bea, cyd, eve, group } = scene;
    const ada = await tamper(world, scene.ada, (tx) => {
      const record = conversationByGroup(tx, parseHex(group));
      const offender = identityRow(tx, parseHex(scene.eveId) as Parameters<typeof identityRow>[1]);
      tx.run("UPDATE conversations SET state = 'broken' WHERE id = ?", record?.id);
      tx.run(
        "INSERT INTO successions (conversation, predecessor, offender, due_at) VALUES (?, ?, ?, 1)",
        record?.id,
        parseHex(group),
        offender,
      );
    });
    await world.settle(ada, bea, cyd, eve);
    for (const person of [bea, cyd]) {
      expect(await groupsOf(person)).toEqual([`${group} active`]);
      expect(await person.client.requests()).toMatchObject([{ type: "group", fromName: "Ada", name: "Team" }]);
      expect(alarmsOf(person)).toEqual([]);
    }
    await eve.client.send(group, { text: "still here" });
    await world.settle(eve, bea, cyd);
    expect(await textsOf(bea, group)).toEqual(["hello", "still here"]);
    expect(await eve.client.requests()).toEqual([]);
  });

  test("who was left out is not asked, is in no list, and reads nothing more", async () => {
    const scene = await setUp();
    const { world, ada, bea, cyd, group } = scene;
    await breakGroup(scene);
    await world.settle(ada, bea, cyd);
    const { id } = await ada.client.conversation(group);
    await ada.client.send(id, { text: "among us" });
    await world.settle(ada, bea, cyd);
    const eve = await world.open(scene.eve.files);
    await world.settle(eve, ada, bea, cyd, eve);
    expect(await eve.client.requests()).toEqual([]);
    expect(await textsOf(eve, group)).toEqual(["hello"]);
    expect(await membersOf(ada, id)).toEqual(["Ada*", "Bea", "Cyd"]);
    expect(await textsOf(cyd, id)).toEqual(["hello", "among us"]);
  });
});

test(
  "a relay that gives the bad commit out again, in the successor's log, stops it and gains nothing",
  SLOW,
  async () => {
    const scene = await setUp();
    const { world, bea, cyd, eve, group } = scene;
    const mallory = await Attacker.become(world, eve, group);
    const staged = await mallory.group.stageCommit({ add: [], remove: [], authenticatedData: Uint8Array.of(1) });
    const body = mallory.seal("commit", staged.message);
    await mallory.commitNoise(body);
    await world.settle(scene.ada, bea, cyd);
    const { id } = await scene.ada.client.conversation(group);
    expect(id).not.toBe(group);
    let keys: { readonly logId: LogId; readonly appendToken: Token } | undefined;
    // A relay knows the log and needs no token; by this one it is done as a client would.
    const ada = await tamper(world, scene.ada, (tx) => {
      const record = conversationByGroup(tx, parseHex(id));
      if (record !== undefined) keys = { logId: record.logId, appendToken: record.keys.appendToken };
    });
    if (keys === undefined) throw new RangeError("no successor");
    const [nextReadHash, nextAppendHash] = [new Uint8Array(32), new Uint8Array(32).fill(1)] as [TokenHash, TokenHash];
    const entryId = new Uint8Array(16).fill(7) as EntryId;
    expect(
      await askRelay(world, { type: "commit", ...keys, entryId, body, nextReadHash, nextAppendHash }),
    ).toMatchObject({
      type: "appended",
    });
    await world.settle(ada, bea, cyd);
    world.clock.advance(60_000);
    await world.settle(ada, bea, cyd);
    // Nobody signed it for this group: people are told, nobody is blamed or led anywhere, and an admin can go on by hand.
    for (const person of [ada, bea, cyd]) {
      expect(await groupsOf(person)).toEqual([`${id} broken`]);
      expect(await membersOf(person, id)).toEqual(["Ada*", "Bea", "Cyd"]);
      expect((await person.client.conversation(id)).continuation).toEqual({ by: person === ada ? "self" : "admin" });
      expect(await person.client.requests()).toEqual([]);
      expect(person.failures).toEqual([]);
    }
  },
);

describe("nothing happens by itself", SLOW, () => {
  test("if it is not known who did it: an admin continues the group by hand, and the members are asked", async () => {
    const scene = await setUp();
    const { world, ada, bea, cyd, eve, group, eveId } = scene;
    const mallory = await Attacker.become(world, eve, group);
    await mallory.commitNoise(new Uint8Array(512).fill(3));
    await world.settle(ada, bea, cyd);
    world.clock.advance(60_000);
    await world.settle(ada, bea, cyd);
    expect((await ada.client.conversation(group)).continuation).toEqual({ by: "self" });
    expect((await bea.client.conversation(group)).continuation).toEqual({ by: "admin" });
    const { id } = await world.until(ada.client.continueGroup(group, eveId));
    await world.settle(ada, bea, cyd);
    for (const person of [bea, cyd]) {
      expect(await groupsOf(person)).toEqual([`${group} broken`]);
      await world.until(person.client.acceptRequest((await requestOf(person)).id));
    }
    await world.settle(bea, cyd, ada);
    for (const person of [ada, bea, cyd]) {
      expect(await groupsOf(person)).toEqual([`${id} active`]);
      expect(await membersOf(person, id)).toEqual(["Ada*", "Bea", "Cyd"]);
      expect(await textsOf(person, id)).toEqual(["hello"]);
      expect(person.failures).toEqual([]);
    }
  });

  test.each([
    ["the only admin did it", "Mallory"],
    ["nobody else would be left", "Ada"],
  ] as const)("if %s", async (_, founder) => {
    const world = new ClientWorld();
    const [ada, bea, eve] = [await world.join("Ada"), await world.join("Bea"), await world.join("Mallory")];
    const others = founder === "Ada" ? [eve] : [ada, bea];
    const hub = founder === "Ada" ? ada : eve;
    await connectAll(world, hub, ...others);
    const group = await makeGroup(world, "Team", hub, ...others);
    const offenderId = await idOf(eve);
    const mallory = await Attacker.become(world, eve, group);
    await mallory.commit({ add: [], remove: [] }, Uint8Array.of(1));
    await world.settle(ada, bea);
    world.clock.advance(60_000);
    await world.settle(ada, bea);
    for (const person of founder === "Ada" ? [ada] : [ada, bea]) {
      expect(await person.client.conversation(group)).toMatchObject({
        id: group,
        state: "broken",
        continuation: { by: "nobody", offenderName: "Mallory" },
      });
      await expect(person.client.continueGroup(group, offenderId)).rejects.toMatchObject({ code: "not-allowed" });
    }
  });
});
