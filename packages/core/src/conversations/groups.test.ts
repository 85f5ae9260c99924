import { ClientWorld, type Person } from "@stonechat/testkit/client-world";
import { expect, test } from "vitest";
import { connectAll, idOf, makeGroup, membersOf, noticesOf, requestOf, textsOf } from "../testing/people.ts";

async function people(world: ClientWorld, ...names: readonly string[]): Promise<readonly Person[]> {
  const all: Person[] = [];
  for (const name of names) all.push(await world.join(name));
  return all;
}

/** A world in which Ada has made a group with all others. */
async function setUp(
  ...names: readonly string[]
): Promise<{ readonly world: ClientWorld; readonly all: readonly Person[]; readonly group: string }> {
  const world = new ClientWorld();
  const all = await people(world, ...names);
  const [ada, ...others] = all;
  if (ada === undefined) throw new RangeError("nobody");
  await connectAll(world, ada, ...others);
  return { world, all, group: await makeGroup(world, "Team", ada, ...others) };
}

function three([a, b, c]: readonly Person[]): readonly [Person, Person, Person] {
  if (a === undefined || b === undefined || c === undefined) throw new RangeError("too few");
  return [a, b, c];
}

test("a member may not rename, remove, add or give roles, and is told so before anything is sent", async () => {
  const { world, all, group } = await setUp("Ada", "Bea", "Cy");
  const [ada, bea, cy] = three(all);
  await world.connect(bea, await world.join("Di"));
  const di = (await bea.client.contacts()).find(({ name }) => name === "Di")?.id ?? "";
  const cyId = await idOf(cy);
  const { client } = bea;
  await expect(client.renameGroup(group, "Mine")).rejects.toMatchObject({ code: "not-allowed" });
  await expect(client.removeMember(group, cyId)).rejects.toMatchObject({ code: "not-allowed" });
  await expect(client.addMembers(group, [di])).rejects.toMatchObject({ code: "not-allowed" });
  await expect(client.setRole(group, cyId, "admin")).rejects.toMatchObject({ code: "not-allowed" });
  await expect(client.setRole(group, await idOf(bea), "admin")).rejects.toMatchObject({ code: "not-allowed" });
  await world.settle(bea, ada, cy);
  expect(await membersOf(ada, group)).toEqual(["Ada*", "Bea", "Cy"]);
});

test("the only admin may not lose that role, nor remove herself, nor name somebody who is not there", async () => {
  const { world, all, group } = await setUp("Ada", "Bea", "Cy");
  const [ada] = three(all);
  const own = await idOf(ada);
  await expect(ada.client.setRole(group, own, "member")).rejects.toMatchObject({ code: "not-allowed" });
  await expect(ada.client.removeMember(group, own)).rejects.toMatchObject({ code: "not-allowed" });
  const stranger = "ab".repeat(32);
  await expect(ada.client.setRole(group, stranger, "admin")).rejects.toMatchObject({ code: "not-a-member" });
  await expect(ada.client.removeMember(group, stranger)).rejects.toMatchObject({ code: "not-a-member" });
  await world.settle(ada);
});

test("who is made an admin can do what admins do, and no more after losing the role", async () => {
  const { world, all, group } = await setUp("Ada", "Bea", "Cy");
  const [ada, bea, cy] = three(all);
  await ada.client.setRole(group, await idOf(bea), "admin");
  await world.settle(ada, bea, cy);
  expect(await membersOf(cy, group)).toEqual(["Ada*", "Bea*", "Cy"]);
  await bea.client.renameGroup(group, "Crew");
  await world.settle(bea, ada, cy);
  expect((await cy.client.conversation(group)).name).toBe("Crew");
  await bea.client.setRole(group, await idOf(ada), "member");
  await world.settle(bea, ada, cy);
  expect(await membersOf(cy, group)).toEqual(["Ada", "Bea*", "Cy"]);
  await expect(ada.client.renameGroup(group, "Mine")).rejects.toMatchObject({ code: "not-allowed" });
  expect((await noticesOf(cy, group)).map(({ type }) => type)).toEqual([
    "member-added",
    "role-changed",
    "renamed",
    "role-changed",
  ]);
});

test("when the last admin leaves, there is another one afterwards, the same for everybody", async () => {
  const { world, all, group } = await setUp("Ada", "Bea", "Cy");
  const [ada, bea, cy] = three(all);
  await ada.client.leaveGroup(group);
  await world.settle(ada, bea, cy);
  world.clock.advance(20_000);
  await world.settle(bea, cy, ada);
  expect((await ada.client.conversation(group)).state).toBe("left");
  const [atBea, atCy] = [await membersOf(bea, group), await membersOf(cy, group)];
  expect(atBea).toEqual(atCy);
  expect(atBea.filter((member) => member.endsWith("*")).length).toBe(1);
  expect(atBea.map((member) => member.replace("*", ""))).toEqual(["Bea", "Cy"]);
  const heir = atBea.includes("Bea*") ? bea : cy;
  await heir.client.renameGroup(group, "Without Ada");
  await world.settle(bea, cy);
  expect((await bea.client.conversation(group)).name).toBe("Without Ada");
});

test("who is removed and added again has the old messages and the new ones, and none in between", async () => {
  const { world, all, group } = await setUp("Ada", "Bea", "Cy");
  const [ada, bea, cy] = three(all);
  await bea.client.send(group, { text: "before" });
  await world.settle(bea, ada, cy);
  const cyId = await idOf(cy);
  await ada.client.removeMember(group, cyId);
  await world.settle(ada, bea, cy);
  await expect(cy.client.send(group, { text: "x" })).rejects.toMatchObject({ code: "conversation-closed" });
  await bea.client.send(group, { text: "between" });
  await world.settle(bea, ada, cy);
  await ada.client.addMembers(group, [cyId]);
  await world.settle(ada, bea, cy);
  await world.until(cy.client.acceptRequest((await requestOf(cy)).id));
  await world.settle(cy, ada, bea);
  await bea.client.send(group, { text: "after" });
  await world.settle(bea, ada, cy);
  await cy.client.send(group, { text: "back" });
  await world.settle(cy, ada, bea);
  expect(await textsOf(cy, group)).toEqual(["before", "after", "back"]);
  expect(await textsOf(ada, group)).toEqual(["before", "between", "after", "back"]);
  expect([ada.failures, bea.failures, cy.failures]).toEqual([[], [], []]);
});

test("who declines a group is removed from it, and has read nothing", async () => {
  const world = new ClientWorld();
  const [ada, bea, cy] = three(await people(world, "Ada", "Bea", "Cy"));
  await connectAll(world, ada, bea, cy);
  const group = await ada.client.createGroup({ name: "Team", contactIds: [await idOf(bea), await idOf(cy)] });
  await world.settle(ada, bea, cy);
  expect(await membersOf(ada, group.id)).toEqual(["Ada*", "Bea?", "Cy?"]);
  await ada.client.send(group.id, { text: "secret" });
  await world.until(bea.client.acceptRequest((await requestOf(bea)).id));
  await world.until(cy.client.declineRequest((await requestOf(cy)).id));
  await world.settle(ada, bea, cy, ada, bea);
  expect(await membersOf(ada, group.id)).toEqual(["Ada*", "Bea"]);
  expect(await textsOf(bea, group.id)).toEqual(["secret"]);
  expect((await cy.client.conversations()).some(({ id }) => id === group.id)).toBe(false);
  expect(JSON.stringify(cy.events)).not.toContain("secret");
});

test("who could read a message is who was there when it was sent", async () => {
  const { world, all, group } = await setUp("Ada", "Bea", "Cy");
  const [ada, bea, cy] = three(all);
  const first = await ada.client.send(group, { text: "one" });
  await world.settle(ada, bea, cy);
  await ada.client.removeMember(group, await idOf(cy));
  await world.settle(ada, bea, cy);
  const second = await ada.client.send(group, { text: "two" });
  await world.settle(ada, bea);
  for (const person of [ada, bea]) {
    const names = async (id: string): Promise<readonly string[]> =>
      (await person.client.readers(group, id)).readers.map(({ name }) => name).sort();
    expect(await names(first.id)).toEqual(["Ada", "Bea", "Cy"]);
    expect(await names(second.id)).toEqual(["Ada", "Bea"]);
  }
  const { readers } = await ada.client.readers(group, first.id);
  expect(readers.every(({ deviceCount }) => deviceCount === 1)).toBe(true);
  expect(readers.filter(({ self }) => self).map(({ name }) => name)).toEqual(["Ada"]);
});

test("an admin deletes another's message with a trace; a member cannot", async () => {
  const { world, all, group } = await setUp("Ada", "Bea", "Cy");
  const [ada, bea, cy] = three(all);
  const message = await bea.client.send(group, { text: "rude" });
  await world.settle(bea, ada, cy);
  await expect(cy.client.deleteForEveryone(group, message.id)).rejects.toMatchObject({ code: "not-allowed" });
  await ada.client.deleteForEveryone(group, message.id);
  await world.settle(ada, bea, cy);
  expect((await bea.client.message(group, message.id)).body).toEqual({ type: "deleted", byModerator: true });
});
