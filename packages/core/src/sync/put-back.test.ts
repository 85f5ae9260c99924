import { ClientWorld, type Person } from "@stonechat/testkit/client-world";
import { expect, test } from "vitest";
import { alarmsOf, connectAll, makeGroup, noticesOf, textsOf } from "../testing/people.ts";

interface Two {
  readonly world: ClientWorld;
  readonly ada: Person;
  readonly bea: Person;
  readonly chat: string;
  say(person: Person, text: string): Promise<void>;
}

async function two(lineage = true): Promise<Two> {
  const world = new ClientWorld(lineage);
  const ada = await world.join("Ada");
  const bea = await world.join("Bea");
  const chat = await world.connect(ada, bea);
  const say = async (person: Person, text: string): Promise<void> => {
    await world.until(person.client.send(chat, { text }));
    await world.settle(ada, bea);
    await world.mark();
  };
  return { world, ada, bea, chat, say };
}

/** Lets the clients hear of the newest mark, as they do some minutes after they took something in. */
async function minutesLater({ world, ada, bea }: Two): Promise<void> {
  world.clock.advance(6 * 60_000);
  await world.settle(ada, bea);
}

const putBacks = (person: Person): number => alarmsOf(person).filter((alarm) => alarm === "relay-put-back").length;

test("a relay that restarts on what it has alarms nobody", async () => {
  const all = await two();
  const { world, ada, bea, chat, say } = all;
  await say(ada, "one");
  await minutesLater(all);
  for (let i = 0; i < 3; i += 1) {
    world.restartRelay();
    await say(bea, `after ${String(i)}`);
  }
  world.restartRelay(world.copyRelay());
  await say(ada, "newest copy");
  expect([alarmsOf(ada), alarmsOf(bea)]).toEqual([[], []]);
  expect(await ada.client.putBacks()).toEqual([]);
  expect(await textsOf(bea, chat)).toEqual(["one", "after 0", "after 1", "after 2", "newest copy"]);
  expect(await noticesOf(bea, chat)).toEqual(await noticesOf(bea, chat));
});

for (const lineage of [true, false]) {
  const told = lineage ? "both are told once" : "whoever finds the log too short is told once";
  test(`after an older copy was put back ${told}, and everything is there once`, async () => {
    const all = await two(lineage);
    const { world, ada, bea, chat, say } = all;
    await say(ada, "one");
    const backup = world.copyRelay();
    await say(bea, "two");
    await say(ada, "three");
    await minutesLater(all);
    world.restartRelay(backup);
    await world.settle(ada, bea, ada, bea);
    await say(ada, "four");
    await say(bea, "five");
    for (const person of [ada, bea]) {
      expect(await textsOf(person, chat)).toEqual(["one", "two", "three", "four", "five"]);
      expect(await person.client.putBacks()).toHaveLength(putBacks(person));
      expect(person.failures).toEqual([]);
    }
    const counts = lineage ? [1, 1] : [1, 0];
    expect([putBacks(ada), putBacks(bea)].sort().reverse()).toEqual(counts);
    world.restartRelay();
    await say(bea, "six");
    expect([putBacks(ada), putBacks(bea)].sort().reverse()).toEqual(counts);
  });
}

test("the notice says which state the relay was put back to, and can be put away", async () => {
  const all = await two();
  const { world, ada, say } = all;
  await say(ada, "one");
  const stateOf = world.clock.now();
  const backup = world.copyRelay();
  world.clock.advance(3_600_000);
  await say(ada, "two");
  await minutesLater(all);
  world.restartRelay(backup);
  await world.settle(ada);
  const [told] = await ada.client.putBacks();
  expect(told?.stateOf).toBeGreaterThan(stateOf - 60_000);
  expect(told?.stateOf).toBeLessThan(stateOf + 60_000);
  await world.until(ada.client.acknowledgePutBack(told?.relayUrl ?? ""));
  expect(await ada.client.putBacks()).toEqual([{ ...told, acknowledged: true }]);
});

test("who was away during it all gets what the relay had lost from those who had it", async () => {
  const all = await two();
  const { world, ada, bea, chat, say } = all;
  await say(ada, "one");
  await bea.client.close();
  const backup = world.copyRelay();
  await world.until(ada.client.send(chat, { text: "lost" }));
  await world.settle(ada);
  await world.mark();
  world.restartRelay(backup);
  await world.settle(ada);
  const again = await world.open(bea.files);
  await world.settle(again, ada, again);
  expect(await textsOf(again, chat)).toEqual(["one", "lost"]);
  expect(alarmsOf(again)).toEqual([]);
  expect(putBacks(ada)).toBe(1);
});

test("entries of others that took the place of lost ones are neither missed nor shown twice", async () => {
  const all = await two();
  const { world, ada, bea, chat, say } = all;
  await say(ada, "one");
  const backup = world.copyRelay();
  await say(ada, "two");
  await say(ada, "three");
  await minutesLater(all);
  // Ada is away while Bea writes where Ada's lost messages lay.
  const files = ada.files;
  await ada.client.close();
  world.restartRelay(backup);
  for (const text of ["a", "b", "c", "d"]) {
    await world.until(bea.client.send(chat, { text }));
    await world.settle(bea);
  }
  const again = await world.open(files);
  await world.settle(again, bea, again);
  await world.until(again.client.send(chat, { text: "end" }));
  await world.settle(again, bea);
  for (const person of [again, bea]) {
    expect(await textsOf(person, chat)).toEqual(["one", "two", "three", "a", "b", "c", "d", "end"]);
    expect(putBacks(person)).toBe(1);
    expect((await noticesOf(person, chat)).filter(({ type }) => type === "missing")).toEqual([]);
  }
});

test("a lost commit is put there again by whoever has it, and the group goes on", async () => {
  const world = new ClientWorld(true);
  const ada = await world.join("Ada");
  const bea = await world.join("Bea");
  const cy = await world.join("Cy");
  await connectAll(world, ada, bea, cy);
  const group = await makeGroup(world, "Team", ada, bea, cy);
  await world.mark();
  const cyFiles = cy.files;
  await cy.client.close();
  const backup = world.copyRelay();
  await world.until(ada.client.send(group, { text: "before" }));
  await world.until(ada.client.renameGroup(group, "Crew"));
  await world.settle(ada, bea);
  await world.until(bea.client.send(group, { text: "after" }));
  await world.settle(ada, bea);
  await world.mark();
  world.clock.advance(6 * 60_000);
  await world.settle(ada, bea);
  world.restartRelay(backup);
  await world.settle(bea, ada, bea);
  const again = await world.open(cyFiles);
  await world.settle(again, ada, bea, again);
  await world.until(again.client.send(group, { text: "end" }));
  await world.settle(again, ada, bea);
  for (const person of [ada, bea, again]) {
    expect(await textsOf(person, group)).toEqual(["before", "after", "end"]);
    expect((await person.client.conversation(group)).name).toBe("Crew");
    expect((await person.client.conversation(group)).state).toBe("active");
  }
  expect([putBacks(ada), putBacks(bea), putBacks(again)]).toEqual([1, 1, 0]);
});

test("a relay that lost a commit is told of, also if its runs do not say so", async () => {
  const world = new ClientWorld();
  const ada = await world.join("Ada");
  const bea = await world.join("Bea");
  await connectAll(world, ada, bea);
  const group = await makeGroup(world, "Team", ada, bea);
  const backup = world.copyRelay();
  await world.until(ada.client.renameGroup(group, "Crew"));
  await world.settle(ada, bea);
  world.restartRelay(backup);
  await world.settle(ada, bea, ada);
  await world.until(bea.client.send(group, { text: "on" }));
  await world.settle(bea, ada);
  expect(await textsOf(ada, group)).toEqual(["on"]);
  expect([putBacks(ada), putBacks(bea)].sort()).toEqual([0, 1]);
});

test("a group in which another commit took the place of a lost one says that it cannot go on", async () => {
  const world = new ClientWorld(true);
  const ada = await world.join("Ada");
  const bea = await world.join("Bea");
  await connectAll(world, ada, bea);
  const group = await makeGroup(world, "Team", ada, bea);
  await world.until(ada.client.setRole(group, (await bea.client.account())?.id ?? "", "admin"));
  await world.settle(ada, bea);
  await world.mark();
  const beaFiles = bea.files;
  await bea.client.close();
  const backup = world.copyRelay();
  await world.until(ada.client.renameGroup(group, "Crew"));
  await world.settle(ada);
  await world.mark();
  world.clock.advance(6 * 60_000);
  await world.settle(ada);
  const adaFiles = ada.files;
  await ada.client.close();
  world.restartRelay(backup);
  const bea2 = await world.open(beaFiles);
  await world.settle(bea2);
  await world.until(bea2.client.renameGroup(group, "Club"));
  await world.settle(bea2);
  const ada2 = await world.open(adaFiles);
  await world.settle(ada2);
  expect(alarmsOf(ada2)).toContain("relay-put-back");
  expect(alarmsOf(ada2)).toContain("relay-rollback");
  // Bea is an admin, hears of it in their conversation of two, and adds Ada's device anew.
  await world.settle(bea2, ada2, bea2, ada2, bea2, ada2);
  expect((await ada2.client.conversation(group)).state).toBe("active");
  await world.until(bea2.client.send(group, { text: "together" }));
  await world.settle(bea2, ada2);
  expect(await textsOf(ada2, group)).toContain("together");
});

test("after the relay was replaced by an empty one, people are told and their conversations go on", async () => {
  const all = await two();
  const { world, ada, bea, chat, say } = all;
  await say(ada, "one");
  await say(bea, "two");
  world.restartRelay(world.emptyRelay());
  await world.settle(ada, bea, ada, bea);
  await say(bea, "three");
  await say(ada, "four");
  for (const person of [ada, bea]) {
    expect(putBacks(person)).toBe(1);
    expect(await textsOf(person, chat)).toEqual(["one", "two", "three", "four"]);
    expect((await person.client.conversation(chat)).state).toBe("active");
  }
});

test("a KeyPackage that was given out before the put-back is not given out again", async () => {
  const all = await two();
  const { world, ada, bea } = all;
  const backup = world.copyRelay();
  await makeGroup(world, "First", ada, bea);
  await world.mark();
  await minutesLater(all);
  world.restartRelay(backup);
  await world.settle(bea, ada, bea);
  const second = await makeGroup(world, "Second", ada, bea);
  await world.until(bea.client.send(second, { text: "here" }));
  await world.settle(bea, ada);
  expect(await textsOf(ada, second)).toEqual(["here"]);
});

test("a reusable invite of before still works after an older copy was put back", async () => {
  const world = new ClientWorld(true);
  const ada = await world.join("Ada");
  const { link } = await world.until(ada.client.createInvite({ reusable: true, expiresInMs: 86_400_000 }));
  const backup = world.copyRelay();
  const bea = await world.join("Bea");
  await world.until(bea.client.acceptInvite(link));
  await world.settle(bea, ada);
  expect(await ada.client.requests()).toHaveLength(1);
  world.restartRelay(backup);
  await world.settle(ada);
  const cy = await world.join("Cy");
  await world.until(cy.client.acceptInvite(link));
  await world.settle(cy, ada);
  expect((await ada.client.requests()).map((request) => request.type)).toEqual(["contact", "contact"]);
});
