import { toHex } from "@stonechat/protocol";
import { ClientWorld, type Person } from "@stonechat/testkit/client-world";
import { describe, expect, test } from "vitest";
import { Attacker } from "../testing/attacker.ts";
import { alarmsOf, connectAll, eventsOf, makeGroup, membersOf, noticesOf, textsOf } from "../testing/people.ts";

/** A group of Ada (admin), Bea, Cyd and Mallory, who has replaced her program. All know Ada. */
async function setUp(): Promise<{
  readonly world: ClientWorld;
  readonly ada: Person;
  readonly bea: Person;
  readonly cyd: Person;
  readonly group: string;
  readonly mallory: Attacker;
}> {
  const world = new ClientWorld();
  const [ada, bea, cyd, eve] = [
    await world.join("Ada"),
    await world.join("Bea"),
    await world.join("Cyd"),
    await world.join("Mallory"),
  ];
  await connectAll(world, ada, bea, cyd, eve);
  const group = await makeGroup(world, "Team", ada, bea, cyd, eve);
  await ada.client.send(group, { text: "hello" });
  await world.settle(ada, bea, cyd, eve);
  const mallory = await Attacker.become(world, eve, group);
  return { world, ada, bea, cyd, group, mallory };
}

async function onlyGroup({ client }: Person): Promise<Awaited<ReturnType<typeof client.conversation>>> {
  const groups = (await client.conversations()).filter(({ kind }) => kind === "group");
  expect(groups).toHaveLength(1);
  const [group] = groups;
  if (group === undefined) throw new RangeError("no group");
  return group;
}

describe("after a commit that all must refuse", () => {
  test("the group goes on within five seconds, in the same conversation, without who made it", async () => {
    const { world, ada, bea, cyd, group, mallory } = await setUp();
    const before = world.clock.now();
    await mallory.commit({ add: [], remove: [] }, { settings: { ...mallory.record.settings, name: "Hers" } });
    await world.settle(ada, bea, cyd);
    expect(world.clock.now() - before).toBeLessThanOrEqual(5_000);
    for (const person of [ada, bea, cyd]) {
      const now = await onlyGroup(person);
      expect(now.state).toBe("active");
      expect(now.name).toBe("Team");
      expect(now.id).not.toBe(group);
      expect(await membersOf(person, now.id)).toEqual(["Ada*", "Bea", "Cyd"]);
      expect(alarmsOf(person)).toEqual(["bad-commit"]);
      expect(await textsOf(person, now.id)).toEqual(["hello"]);
      expect((await noticesOf(person, now.id)).filter(({ type }) => type === "continued")).toEqual([
        { type: "continued", byName: "Ada", names: ["Mallory"] },
      ]);
      expect(eventsOf(person, "conversation-continued")).toMatchObject([{ conversationId: now.id, previousId: group }]);
      expect(await person.client.requests()).toEqual([]);
      expect(person.failures).toEqual([]);
    }
    const { id } = await onlyGroup(bea);
    await bea.client.send(id, { text: "we go on" });
    await world.settle(ada, bea, cyd);
    for (const person of [ada, bea, cyd]) expect(await textsOf(person, id)).toEqual(["hello", "we go on"]);
    expect(toHex(mallory.record.groupId)).toBe(group);
  });
});
