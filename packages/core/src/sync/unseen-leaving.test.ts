import { ClientWorld, type Person } from "@stonechat/testkit/client-world";
import { expect, test } from "vitest";
import { Attacker } from "../testing/attacker.ts";
import { alarmsOf, connectAll, idOf, makeGroup, membersOf, noticesOf } from "../testing/people.ts";

const DAY_MS = 24 * 3_600_000;
/** Longer than a relay keeps messages, shorter than it keeps commits. */
const AWAY_MS = 40 * DAY_MS;

/** A group of Ada (admin), Bea and Eve. */
async function setUp(): Promise<{
  readonly world: ClientWorld;
  readonly ada: Person;
  readonly bea: Person;
  readonly eve: Person;
  readonly group: string;
}> {
  const world = new ClientWorld();
  const [ada, bea, eve] = [await world.join("Ada"), await world.join("Bea"), await world.join("Eve")];
  await connectAll(world, ada, bea, eve);
  return { world, ada, bea, eve, group: await makeGroup(world, "Team", ada, bea, eve) };
}

/** Time in which everybody's program is closed; what is old expires. */
async function passTime(world: ClientWorld, milliseconds: number): Promise<void> {
  world.clock.advance(milliseconds);
  await world.store.expire(world.clock.now(), 1_000_000);
}

const sawExpire = async (person: Person, group: string): Promise<boolean> =>
  (await noticesOf(person, group)).some((notice) => notice.type === "missing" && notice.reason === "expired");

test("who was away until a leaver's asking had expired follows the removal by a member who is no admin", async () => {
  const { world, ada, bea, eve, group } = await setUp();
  await world.until(ada.client.close());
  await eve.client.leaveGroup(group);
  await world.settle(eve, bea);
  world.clock.advance(20_000);
  await world.settle(bea, eve);
  expect(await membersOf(bea, group)).toEqual(["Ada*", "Bea"]);
  for (const { client } of [bea, eve]) await world.until(client.close());
  await passTime(world, AWAY_MS);

  const back = await world.open(ada.files);
  await world.settle(back);
  expect(await sawExpire(back, group)).toBe(true);
  expect(alarmsOf(back)).toEqual([]);
  expect((await back.client.conversation(group)).state).toBe("active");
  expect(await membersOf(back, group)).toEqual(["Ada*", "Bea"]);
  // Nobody is told that she left who cannot know it.
  expect(await noticesOf(back, group)).toContainEqual({ type: "member-removed", byName: "Bea", names: ["Eve"] });
});

test("a member who is no admin removes nobody from his own only device, however long he was away", async () => {
  const { world, ada, bea, eve, group } = await setUp();
  const adaId = await idOf(ada);
  await world.until(ada.client.close());
  await bea.client.send(group, { text: "anybody there?" });
  await world.settle(bea, eve);
  await world.until(bea.client.close());
  const mallory = await Attacker.become(world, eve, group);
  await passTime(world, AWAY_MS);
  expect(await mallory.commit({ add: [], remove: [mallory.leafOf(adaId)] })).toMatchObject({ type: "appended" });

  const back = await world.open(ada.files);
  await world.settle(back);
  expect(await sawExpire(back, group)).toBe(true);
  expect(alarmsOf(back)).toEqual(["bad-commit"]);
  expect((await back.client.conversation(group)).state).toBe("broken");
});

test("what expired for a device longer ago than commits are kept excuses no removal", async () => {
  const { world, ada, bea, eve, group } = await setUp();
  const beaId = await idOf(bea);
  await world.until(ada.client.close());
  await bea.client.send(group, { text: "anybody there?" });
  await world.settle(bea, eve);
  for (const { client } of [bea, eve]) await world.until(client.close());
  await passTime(world, AWAY_MS);
  const back = await world.open(ada.files);
  await world.settle(back);
  expect(await sawExpire(back, group)).toBe(true);
  const eveBack = await world.open(eve.files);
  await world.settle(eveBack, back);
  await world.until(back.client.close());

  const mallory = await Attacker.become(world, eveBack, group);
  await passTime(world, 91 * DAY_MS);
  expect(await mallory.commit({ add: [], remove: [mallory.leafOf(beaId)] })).toMatchObject({ type: "appended" });
  const later = await world.open(ada.files);
  await world.settle(later);
  expect(alarmsOf(later)).toEqual(["bad-commit"]);
  expect(await membersOf(later, group)).toEqual(["Ada*", "Bea", "Eve"]);
});
