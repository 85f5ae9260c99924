import { parseHex, type IdentityKey } from "@stonechat/protocol";
import { ClientWorld, type Person } from "@stonechat/testkit/client-world";
import { expect, test } from "vitest";
import { connectAll, idOf, lastMessageOf, makeGroup, membersOf, textsOf } from "../testing/people.ts";
import { compareSafetyQr, toSafetyNumber } from "./safety-number.ts";

const keyOf = (id: string): IdentityKey => parseHex(id) as IdentityKey;

/** Every id that one person's program shows for the people of a group, by where it shows it. */
async function shown({ client }: Person, group: string): Promise<Readonly<Record<string, readonly string[]>>> {
  const { id: messageId, fromId } = await lastMessageOf({ client } as Person, group);
  return {
    members: (await client.members(group)).map(({ id }) => id).toSorted(),
    readers: (await client.readers(group, messageId)).readers.map(({ id }) => id).toSorted(),
    author: [fromId],
  };
}

test(
  "one key stands for a person in contacts, members, messages, who could read, numbers and codes, on every device",
  { timeout: 60_000 },
  async () => {
    const world = new ClientWorld();
    const [ada, bea, carl] = [await world.join("Ada"), await world.join("Bea"), await world.join("Carl")];
    await connectAll(world, ada, bea, carl);
    await connectAll(world, bea, carl);
    const group = await makeGroup(world, "Team", ada, bea, carl);
    await ada.client.send(group, { text: "who reads this" });
    await world.settle(ada, bea, carl);
    const people = [ada, bea, carl];
    const ids = await Promise.all(people.map(idOf));
    for (const person of people) {
      expect(await shown(person, group)).toEqual({
        members: ids.toSorted(),
        readers: ids.toSorted(),
        author: [ids[0]],
      });
    }
    for (const [i, one] of people.entries()) {
      for (const [j, other] of people.entries()) {
        if (i === j) continue;
        const [own, theirs] = [ids[i] ?? "", ids[j] ?? ""];
        const [here, there] = [await one.client.contact(theirs), await other.client.contact(own)];
        expect(here.id).toBe(theirs);
        expect(here.safetyNumber).toBe(toSafetyNumber(keyOf(own), keyOf(theirs)));
        expect(there.safetyNumber).toBe(here.safetyNumber);
        expect(compareSafetyQr(there.safetyQr, keyOf(own), keyOf(theirs))).toBe("verified");
        expect(await one.client.verifyByQr(theirs, there.safetyQr)).toBe("verified");
        expect((await one.client.members(group)).find(({ id }) => id === theirs)).toMatchObject({
          verified: true,
          contact: true,
          deviceCount: here.deviceCount,
        });
      }
    }
  },
);

test("names that mean something to JavaScript are names", { timeout: 60_000 }, async () => {
  const world = new ClientWorld();
  const names = ["__proto__", "constructor", "toString", "hasOwnProperty", "then"];
  const [ada, ...others] = await Promise.all(names.map((name) => world.join(name)));
  if (ada === undefined) throw new RangeError("nobody came");
  await connectAll(world, ada, ...others);
  const group = await makeGroup(world, "__proto__", ada, ...others);
  for (const person of [ada, ...others]) await person.client.send(group, { text: "constructor" });
  await world.settle(ada, ...others, ada, ...others);
  for (const person of [ada, ...others]) {
    expect((await person.client.conversation(group)).name).toBe("__proto__");
    expect((await membersOf(person, group)).map((name) => name.replace("*", "")).toSorted()).toEqual(names.toSorted());
    expect(await textsOf(person, group)).toEqual(names.map(() => "constructor"));
    expect((await person.client.search("constructor", 10)).length).toBe(names.length);
    expect(person.failures).toEqual([]);
  }
  const [bea] = others;
  await ada.client.renameContact(await idOf(bea ?? ada), "valueOf");
  expect((await ada.client.contacts()).map(({ name }) => name)).toContain("valueOf");
  const message = await lastMessageOf(ada, group);
  await ada.client.react(group, message.id, "__proto__", false).catch(() => undefined);
  expect(Object.keys(Object.prototype)).toEqual([]);
});
