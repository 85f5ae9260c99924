import { ClientWorld, type Person } from "@stonechat/testkit/client-world";
import { SetClock } from "@stonechat/testkit/set-clock";
import { describe, expect, test } from "vitest";
import type { MessageView } from "../client-api.ts";
import { connectAll, eventsOf, idOf, lastMessageOf, makeGroup, noticesOf, textsOf } from "../testing/people.ts";

const HOUR_S = 3_600;
const DAY_S = 24 * HOUR_S;
const DAY_MS = DAY_S * 1000;
const SECRET = "zanzibar";

interface Two {
  readonly world: ClientWorld;
  readonly ada: Person;
  readonly bea: Person;
  readonly beasClock: SetClock;
  readonly conversation: string;
}

async function setUp(): Promise<Two> {
  const world = new ClientWorld();
  const beasClock = new SetClock(world.clock);
  const [ada, bea] = [await world.join("Ada"), await world.join("Bea", { clock: beasClock })];
  return { world, ada, bea, beasClock, conversation: await world.connect(ada, bea) };
}

/** Ada writes, Bea reads at once. */
async function readBy(
  { world, ada, bea, conversation }: Two,
  input: Parameters<Person["client"]["send"]>[1],
): Promise<string> {
  const { id } = await ada.client.send(conversation, input);
  await world.settle(ada, bea);
  await bea.client.markRead(conversation, id);
  await world.settle(ada, bea);
  return id;
}

async function messageAt({ client }: Person, conversation: string, id: string): Promise<MessageView> {
  return client.message(conversation, id);
}

describe("the conversation's timer", () => {
  test("is set by either of two, told to both, and holds for what is written from then on", async () => {
    const { world, ada, bea, conversation } = await setUp();
    await ada.client.send(conversation, { text: "stays" });
    await bea.client.setTimer(conversation, DAY_S);
    await world.settle(bea, ada);
    for (const { client } of [ada, bea]) expect((await client.conversation(conversation)).timerSeconds).toBe(DAY_S);
    expect(await noticesOf(ada, conversation)).toContainEqual({ type: "timer-changed", byName: "Bea", seconds: DAY_S });
    await ada.client.send(conversation, { text: "goes" });
    await world.settle(ada, bea);
    const last = await lastMessageOf(bea, conversation);
    expect(last.timerSeconds).toBe(DAY_S);
    expect(last.expiresAt).toBeUndefined();
    await bea.client.markRead(conversation, last.id);
    world.clock.advance(DAY_MS + 1000);
    for (const person of [ada, bea]) expect(await textsOf(person, conversation)).toEqual(["stays"]);
    await ada.client.setTimer(conversation, 0);
    await world.settle(ada, bea);
    expect(await noticesOf(bea, conversation)).toContainEqual({ type: "timer-changed", byName: "Ada", seconds: 0 });
  });

  test("in a group is for admins", async () => {
    const { world, ada, bea } = await setUp();
    const group = await makeGroup(world, "Team", ada, bea);
    await expect(bea.client.setTimer(group, DAY_S)).rejects.toMatchObject({ code: "not-allowed" });
    await ada.client.setTimer(group, DAY_S);
    await world.settle(ada, bea);
    expect((await bea.client.conversation(group)).timerSeconds).toBe(DAY_S);
  });

  test("can be set on notes to oneself", async () => {
    const { world, ada } = await setUp();
    const own = (await ada.client.account())?.ownConversationId ?? "";
    await ada.client.setTimer(own, HOUR_S);
    await world.settle(ada);
    await ada.client.send(own, { text: "note" });
    await world.settle(ada);
    expect(await textsOf(ada, own)).toEqual(["note"]);
    world.clock.advance(HOUR_S * 1000 + 1);
    expect(await textsOf(ada, own)).toEqual([]);
  });

  test.each([-1, 0.5, Number.NaN, 365 * DAY_S + 1])("is no %d seconds", async (seconds) => {
    const { ada, conversation } = await setUp();
    await expect(ada.client.setTimer(conversation, seconds)).rejects.toMatchObject({ code: "bad-value" });
    if (seconds > 0 || Number.isNaN(seconds))
      await expect(ada.client.send(conversation, { text: "x", timerSeconds: seconds })).rejects.toMatchObject({
        code: "bad-value",
      });
  });

  test("holds for a message that was written before it was set and is sent afterwards", async () => {
    const { world, ada, bea, conversation } = await setUp();
    world.cut();
    const { id } = await ada.client.send(conversation, { text: SECRET });
    await ada.client.setTimer(conversation, HOUR_S);
    world.reachable = true;
    await world.settle(ada, bea, ada);
    expect((await messageAt(ada, conversation, id)).timerSeconds).toBe(HOUR_S);
    expect((await messageAt(bea, conversation, id)).timerSeconds).toBe(HOUR_S);
  });

  test("that was taken away still holds for what was written under it", async () => {
    const { world, ada, bea, conversation } = await setUp();
    await ada.client.setTimer(conversation, HOUR_S);
    await world.settle(ada, bea);
    world.cut();
    const { id } = await ada.client.send(conversation, { text: SECRET });
    await ada.client.setTimer(conversation, 0);
    world.reachable = true;
    await world.settle(ada, bea, ada);
    expect((await messageAt(bea, conversation, id)).timerSeconds).toBe(HOUR_S);
  });
});

describe("a message's own timer", () => {
  test("is shorter than the conversation's, or any where it has none", async () => {
    const { world, ada, bea, conversation } = await setUp();
    await ada.client.send(conversation, { text: "x", timerSeconds: 300 * DAY_S });
    await ada.client.setTimer(conversation, DAY_S);
    await world.settle(ada, bea);
    await expect(ada.client.send(conversation, { text: "x", timerSeconds: DAY_S + 1 })).rejects.toMatchObject({
      code: "bad-value",
    });
    await ada.client.send(conversation, { text: "y", timerSeconds: HOUR_S });
    await world.settle(ada, bea);
    expect((await lastMessageOf(bea, conversation)).timerSeconds).toBe(HOUR_S);
  });
});

describe("the countdown", () => {
  test("starts for the sender when the relay has the message, for the receiver when it was read", async () => {
    const { world, ada, bea, conversation } = await setUp();
    world.cut();
    const { id } = await ada.client.send(conversation, { text: SECRET, timerSeconds: DAY_S });
    expect((await messageAt(ada, conversation, id)).expiresAt).toBeUndefined();
    world.clock.advance(3 * DAY_MS);
    world.reachable = true;
    await world.settle(ada, bea, ada);
    const { expiresAt = 0 } = await messageAt(ada, conversation, id);
    expect(expiresAt - world.clock.now()).toBeGreaterThan(DAY_MS - HOUR_S * 1000);
    world.clock.advance(10 * DAY_MS);
    expect(await textsOf(ada, conversation)).toEqual([]);
    expect(await textsOf(bea, conversation)).toEqual([SECRET]);
    await bea.client.markRead(conversation, id);
    expect((await messageAt(bea, conversation, id)).expiresAt).toBe(world.clock.now() + DAY_MS);
    world.clock.advance(DAY_MS - 1);
    expect(await textsOf(bea, conversation)).toEqual([SECRET]);
    world.clock.advance(1);
    expect(await textsOf(bea, conversation)).toEqual([]);
  });

  test("is not prolonged by reading again, an edit, a reaction or a longer timer", async () => {
    const two = await setUp();
    const { world, ada, bea, conversation } = two;
    await ada.client.setTimer(conversation, DAY_S);
    await world.settle(ada, bea);
    const id = await readBy(two, { text: SECRET });
    const ends = async (person: Person): Promise<number> => (await messageAt(person, conversation, id)).expiresAt ?? 0;
    const before = [await ends(ada), await ends(bea)];
    world.clock.advance(HOUR_S * 1000);
    await ada.client.edit(conversation, id, `${SECRET} again`);
    await bea.client.react(conversation, id, "👍", false);
    await bea.client.markRead(conversation, id);
    await bea.client.setTimer(conversation, 100 * DAY_S);
    await world.settle(ada, bea, ada);
    expect([await ends(ada), await ends(bea)]).toEqual(before);
  });

  test("runs for what came before while the newest of one's own still waits to be sent", async () => {
    const { world, ada, bea, conversation } = await setUp();
    const { id } = await ada.client.send(conversation, { text: SECRET, timerSeconds: DAY_S });
    await world.settle(ada, bea);
    world.cut();
    const own = await bea.client.send(conversation, { text: "waits" });
    await bea.client.markRead(conversation, own.id);
    expect((await messageAt(bea, conversation, id)).expiresAt).toBeDefined();
    world.reachable = true;
    await ada.client.send(conversation, { text: "later", timerSeconds: DAY_S });
    await world.settle(ada, bea, ada, bea);
    expect((await bea.client.conversation(conversation)).unread).toBe(1);
    expect((await lastMessageOf(bea, conversation)).expiresAt).toBeUndefined();
  });
});

describe("what has disappeared is nowhere", () => {
  async function disappeared(): Promise<Two & { readonly id: string }> {
    const two = await setUp();
    const { world, ada, bea, conversation } = two;
    await ada.client.send(conversation, { text: "first" });
    const id = await readBy(two, { text: SECRET, timerSeconds: DAY_S });
    await bea.client.react(conversation, id, "👍", false);
    await bea.client.send(conversation, { text: "an answer", replyTo: id });
    await world.settle(ada, bea);
    const quoted = (await lastMessageOf(ada, conversation)).replyTo;
    expect(quoted?.preview).toEqual({ type: "text", text: SECRET });
    world.clock.advance(DAY_MS + 60_000);
    return { ...two, id };
  }

  test("not in a list, by its id, as a quote, or in a search", async () => {
    const { ada, bea, conversation, id } = await disappeared();
    for (const person of [ada, bea]) {
      expect(await textsOf(person, conversation)).toEqual(["first", "an answer"]);
      await expect(messageAt(person, conversation, id)).rejects.toMatchObject({ code: "not-found" });
      await expect(person.client.readers(conversation, id)).rejects.toMatchObject({ code: "not-found" });
      expect((await lastMessageOf(person, conversation)).replyTo).toEqual({
        id,
        fromName: "",
        fromSelf: false,
        preview: { type: "deleted" },
      });
      expect(await person.client.search(SECRET, 10)).toEqual([]);
    }
  });

  test("not as the preview of a conversation, nor as unread", async () => {
    const { world, ada, bea, conversation } = await setUp();
    await ada.client.send(conversation, { text: "first" });
    const { id } = await ada.client.send(conversation, { text: SECRET, timerSeconds: DAY_S });
    await world.settle(ada, bea);
    expect((await bea.client.conversation(conversation)).unread).toBe(2);
    await bea.client.markRead(conversation, id);
    world.clock.advance(DAY_MS + 60_000);
    for (const { client } of [ada, bea]) {
      for (const view of [await client.conversation(conversation), ...(await client.conversations())]) {
        if (view.id !== conversation) continue;
        expect(view.lastMessage?.preview).toEqual({ type: "text", text: "first" });
        expect(view.unread).toBe(0);
      }
    }
  });

  test("not for a reaction, an edit, an answer's quote or a receipt that comes later, and nobody is told of them", async () => {
    const { world, ada, bea, beasClock, conversation } = await setUp();
    const { id } = await ada.client.send(conversation, { text: SECRET, timerSeconds: DAY_S });
    await world.settle(ada, bea);
    await bea.client.markRead(conversation, id);
    world.cut();
    // On Bea's device it goes first: her clock runs ahead.
    beasClock.set(2 * DAY_MS);
    expect(await textsOf(bea, conversation)).toEqual([]);
    await expect(bea.client.react(conversation, id, "👍", false)).rejects.toMatchObject({ code: "not-found" });
    await ada.client.edit(conversation, id, `${SECRET} edited`);
    await ada.client.react(conversation, id, "❤️", false);
    await ada.client.send(conversation, { text: "see above", replyTo: id });
    const told = bea.events.length;
    world.reachable = true;
    await world.settle(ada, bea, ada, bea);
    expect(await textsOf(bea, conversation)).toEqual(["see above"]);
    expect(JSON.stringify(bea.events.slice(told))).not.toContain(SECRET);
    expect(eventsOf(bea, "edit")).toEqual([]);
    expect(eventsOf(bea, "reaction")).toEqual([]);
  });

  test("and those who show it are told that it went", async () => {
    const { world, ada, bea, id } = await disappeared();
    await world.settle(ada, bea);
    for (const person of [ada, bea])
      expect(eventsOf(person, "messages-changed").filter(({ messageIds }) => messageIds.includes(id))).not.toEqual([]);
  });

  test("not after a restart, whenever its time came", async () => {
    const two = await setUp();
    const { world, ada, bea, beasClock, conversation } = two;
    await readBy(two, { text: SECRET, timerSeconds: DAY_S });
    await bea.client.close();
    world.clock.advance(DAY_MS + 60_000);
    const again = await world.open(bea.files, { clock: beasClock });
    expect(await textsOf(again, conversation)).toEqual([]);
    expect(await again.client.search(SECRET, 10)).toEqual([]);
    await world.settle(ada, again);
    expect(eventsOf(again, "message")).toEqual([]);
  });

  test("not when the clock is put back, before or after a restart", async () => {
    const two = await setUp();
    const { world, bea, beasClock, conversation } = two;
    await readBy(two, { text: SECRET, timerSeconds: DAY_S });
    beasClock.set(2 * DAY_MS);
    expect(await textsOf(bea, conversation)).toEqual([]);
    beasClock.set(-1000 * DAY_MS);
    expect(await textsOf(bea, conversation)).toEqual([]);
    await bea.client.close();
    const again = await world.open(bea.files, { clock: beasClock });
    expect(await textsOf(again, conversation)).toEqual([]);
  });

  test("and the countdown goes on where it was after a restart with the clock put back", async () => {
    const two = await setUp();
    const { world, bea, beasClock, conversation } = two;
    await readBy(two, { text: SECRET, timerSeconds: DAY_S });
    world.clock.advance(DAY_MS / 2);
    await bea.client.conversations();
    await bea.client.close();
    beasClock.set(-1000 * DAY_MS);
    const again = await world.open(bea.files, { clock: beasClock });
    expect(await textsOf(again, conversation)).toEqual([SECRET]);
    world.clock.advance(DAY_MS / 2 + 1000);
    expect(await textsOf(again, conversation)).toEqual([]);
  });

  test("and a timer of an hour takes an hour after the clock was wrong by a year", async () => {
    const two = await setUp();
    const { world, bea, beasClock, conversation } = two;
    beasClock.set(365 * DAY_MS);
    await bea.client.conversations();
    beasClock.set(-365 * DAY_MS);
    const id = await readBy(two, { text: SECRET, timerSeconds: HOUR_S });
    const left = ((await messageAt(bea, conversation, id)).expiresAt ?? 0) - beasClock.now();
    expect(left).toBeLessThanOrEqual(HOUR_S * 1000);
    expect(left).toBeGreaterThan(HOUR_S * 900);
    world.clock.advance(HOUR_S * 1000);
    expect(await textsOf(bea, conversation)).toEqual([]);
  });
});

describe("what waits to be sent", () => {
  test("is given up when timer and delivery window have passed, and is sent to nobody", async () => {
    const { world, ada, bea, conversation } = await setUp();
    world.cut();
    await ada.client.send(conversation, { text: SECRET, timerSeconds: DAY_S });
    await ada.client.send(conversation, { text: "stays" });
    world.clock.advance(15 * DAY_MS + 60_000);
    expect(await textsOf(ada, conversation)).toEqual(["stays"]);
    world.reachable = true;
    await world.settle(ada, bea, ada, bea);
    expect(await textsOf(bea, conversation)).toEqual(["stays"]);
  });

  test("of a message that has disappeared goes with it: an edit's words are neither kept nor sent", async () => {
    const two = await setUp();
    const { world, ada, bea, conversation } = two;
    const { id } = await ada.client.send(conversation, { text: "plain", timerSeconds: DAY_S });
    await world.settle(ada, bea);
    world.cut();
    await ada.client.edit(conversation, id, SECRET);
    world.clock.advance(DAY_MS + 60_000);
    expect(await textsOf(ada, conversation)).toEqual([]);
    world.reachable = true;
    await world.settle(ada, bea, ada, bea);
    expect(await textsOf(bea, conversation)).toEqual(["plain"]);
  });

  test("still deletes for everyone what has disappeared here", async () => {
    const two = await setUp();
    const { world, ada, bea, conversation } = two;
    const { id } = await ada.client.send(conversation, { text: SECRET, timerSeconds: DAY_S });
    await world.settle(ada, bea);
    world.cut();
    await ada.client.deleteForEveryone(conversation, id);
    world.clock.advance(DAY_MS + 60_000);
    await ada.client.conversations();
    world.reachable = true;
    await world.settle(ada, bea, ada, bea);
    expect(await textsOf(bea, conversation)).toEqual([]);
  });
});

test("a group of three: for each of them the countdown starts when he reads", async () => {
  const world = new ClientWorld();
  const [ada, bea, cy] = [await world.join("Ada"), await world.join("Bea"), await world.join("Cy")];
  await connectAll(world, ada, bea, cy);
  const group = await makeGroup(world, "Team", ada, bea, cy);
  await ada.client.setTimer(group, DAY_S);
  await world.settle(ada, bea, cy);
  const { id } = await ada.client.send(group, { text: SECRET });
  await world.settle(ada, bea, cy);
  await bea.client.markRead(group, id);
  world.clock.advance(DAY_MS + 60_000);
  await cy.client.markRead(group, id);
  const seen = async (): Promise<readonly number[]> =>
    Promise.all([ada, bea, cy].map(async (person) => (await textsOf(person, group)).length));
  expect(await seen()).toEqual([0, 0, 1]);
  world.clock.advance(DAY_MS + 60_000);
  expect(await seen()).toEqual([0, 0, 0]);
  expect(await idOf(ada)).not.toBe(await idOf(bea));
});
