import { ClientWorld, type Person } from "@stonechat/testkit/client-world";
import { replyFrame } from "@stonechat/protocol";
import { expect, test } from "vitest";
import type { Transport } from "../ports/transport.ts";
import { eventsOf, lastMessageOf, textsOf } from "../testing/people.ts";

async function setUp(): Promise<{ world: ClientWorld; ada: Person; bea: Person; conversation: string }> {
  const world = new ClientWorld();
  const [ada, bea] = [await world.join("Ada"), await world.join("Bea")];
  return { world, ada, bea, conversation: await world.connect(ada, bea) };
}

test("words that were edited away or deleted are found no more, on either side", async () => {
  const { world, ada, bea, conversation } = await setUp();
  const edited = await ada.client.send(conversation, { text: "the zeppelin lands" });
  const deleted = await ada.client.send(conversation, { text: "a marzipan secret" });
  const forMe = await ada.client.send(conversation, { text: "only quicksand here" });
  await world.settle(ada, bea);
  const found = async (person: Person, word: string): Promise<number> => (await person.client.search(word, 10)).length;
  for (const person of [ada, bea]) {
    expect([await found(person, "zeppelin"), await found(person, "marz"), await found(person, "QUICKSAND")]).toEqual([
      1, 1, 1,
    ]);
  }
  await ada.client.edit(conversation, edited.id, "the balloon lands");
  await ada.client.deleteForEveryone(conversation, deleted.id);
  await ada.client.deleteForMe(conversation, forMe.id);
  await world.settle(ada, bea);
  for (const person of [ada, bea]) {
    expect([await found(person, "zeppelin"), await found(person, "marzipan"), await found(person, "balloon")]).toEqual([
      0, 0, 1,
    ]);
  }
  expect([await found(ada, "quicksand"), await found(bea, "quicksand")]).toEqual([0, 1]);
});

test.each(['"', "a AND", "NEAR(", "*", "-x", "text:hello", "'); DROP TABLE messages; --", "(", "^", "\u0000"])(
  "a search for %j is a search, not a command",
  async (query) => {
    const { world, ada, bea, conversation } = await setUp();
    await ada.client.send(conversation, { text: "hello" });
    await world.settle(ada, bea);
    expect(Array.isArray(await ada.client.search(query, 10))).toBe(true);
    expect((await ada.client.search("hello", 10)).length).toBe(1);
  },
);

test("texts of any kind arrive as they were written", async () => {
  const { world, ada, bea, conversation } = await setUp();
  const texts = [
    "__proto__",
    "<b>x</b>",
    "\u202Eabc",
    "e\u0301 é",
    "👩‍👩‍👧‍👦",
    "line\nline",
    "  spaces  ",
    "x".repeat(16_384),
  ];
  for (const text of texts) await ada.client.send(conversation, { text });
  await world.settle(ada, bea);
  expect(await textsOf(bea, conversation)).toEqual(texts);
});

test("what cannot be sent is refused by name, and nothing of it is queued", async () => {
  const { ada, conversation } = await setUp();
  await expect(ada.client.send(conversation, { text: " \n" })).rejects.toMatchObject({ code: "empty" });
  await expect(ada.client.send(conversation, { text: "x".repeat(16_385) })).rejects.toMatchObject({ code: "too-long" });
  await expect(ada.client.send(conversation, { text: "é".repeat(8193) })).rejects.toMatchObject({ code: "too-long" });
  await expect(ada.client.send(conversation, { text: "\ud800" })).rejects.toMatchObject({ code: "bad-value" });
  await expect(ada.client.send(conversation, { text: "a\0b" })).rejects.toMatchObject({ code: "bad-value" });
  await expect(ada.client.send("00".repeat(32), { text: "x" })).rejects.toMatchObject({ code: "not-found" });
  await expect(ada.client.send("__proto__", { text: "x" })).rejects.toMatchObject({ code: "not-found" });
  expect(await textsOf(ada, conversation)).toEqual([]);
});

test("an edit is the author's alone, for a day", async () => {
  const { world, ada, bea, conversation } = await setUp();
  const { id } = await ada.client.send(conversation, { text: "one" });
  await world.settle(ada, bea);
  await expect(bea.client.edit(conversation, id, "two")).rejects.toMatchObject({ code: "not-allowed" });
  expect((await ada.client.message(conversation, id)).canEdit).toBe(true);
  world.clock.advance(24 * 3_600_000);
  expect((await ada.client.message(conversation, id)).canEdit).toBe(false);
  await expect(ada.client.edit(conversation, id, "two")).rejects.toMatchObject({ code: "not-allowed" });
});

test("a reaction comes and goes, once for each emoji", async () => {
  const { world, ada, bea, conversation } = await setUp();
  const { id } = await ada.client.send(conversation, { text: "one" });
  await world.settle(ada, bea);
  for (let i = 0; i < 3; i += 1) await bea.client.react(conversation, id, "👍", false);
  await bea.client.react(conversation, id, "🎉", false);
  await world.settle(bea, ada);
  expect((await ada.client.message(conversation, id)).reactions.map(({ emoji }) => emoji).sort()).toEqual(
    ["🎉", "👍"].sort(),
  );
  await bea.client.react(conversation, id, "👍", true);
  await world.settle(bea, ada);
  expect((await ada.client.message(conversation, id)).reactions.map(({ emoji }) => emoji)).toEqual(["🎉"]);
  await expect(bea.client.react(conversation, id, "", false)).rejects.toMatchObject({ code: "bad-value" });
  await expect(bea.client.react(conversation, id, "x".repeat(65), false)).rejects.toMatchObject({ code: "bad-value" });
});

test("a quote says whether it is of oneself", async () => {
  const { world, ada, bea, conversation } = await setUp();
  const { id } = await ada.client.send(conversation, { text: "harbour at nine?" });
  await world.settle(ada, bea);
  const reply = await bea.client.send(conversation, { text: "yes", replyTo: id });
  await world.settle(bea, ada);
  const quoteOf = async ({ client }: typeof ada) => (await client.message(conversation, reply.id)).replyTo;
  expect(await quoteOf(ada)).toMatchObject({ fromSelf: true, fromName: "Ada" });
  expect(await quoteOf(bea)).toMatchObject({ fromSelf: false, fromName: "Ada" });
});

test("a deleted message leaves nothing but its place, also in quotes and the list of conversations", async () => {
  const { world, ada, bea, conversation } = await setUp();
  const { id } = await ada.client.send(conversation, { text: "regret" });
  await world.settle(ada, bea);
  const reply = await bea.client.send(conversation, { text: "what?", replyTo: id });
  await world.settle(bea, ada);
  await ada.client.deleteForEveryone(conversation, id);
  await world.settle(ada, bea);
  expect((await bea.client.message(conversation, reply.id)).replyTo?.preview).toEqual({ type: "deleted" });
  const views = [await bea.client.messages(conversation, { limit: 50 }), await bea.client.conversations()];
  expect(JSON.stringify(views)).not.toContain("regret");
  await expect(ada.client.edit(conversation, id, "x")).rejects.toMatchObject({ code: "not-allowed" });
});

test("every message is told once, in the order of sending", async () => {
  const { world, ada, bea, conversation } = await setUp();
  for (let i = 0; i < 40; i += 1) await ada.client.send(conversation, { text: String(i) });
  await world.settle(ada, bea);
  world.cut();
  world.reachable = true;
  await world.settle(bea, ada);
  const told = eventsOf(bea, "message").map(({ message }) => message.body);
  expect(told).toEqual(Array.from({ length: 40 }, (_, i) => ({ type: "text", text: String(i) })));
  expect((await lastMessageOf(bea, conversation)).body).toEqual({ type: "text", text: "39" });
});

/** A relay that gives out again, after each page, every page that it has given out before. */
function repeating(honest: Transport): Transport {
  return {
    canReach: (url) => honest.canReach(url),
    openSocket: (url, events) => {
      const pages: Uint8Array[] = [];
      return honest.openSocket(url, {
        ...events,
        onOpen: () => {
          events.onOpen();
        },
        onClose: (code) => {
          events.onClose(code);
        },
        onFrame: (frame) => {
          events.onFrame(frame);
          if (replyFrame.decode(frame).reply.type !== "entries") return;
          pages.push(frame);
          for (const page of pages) events.onFrame(page);
        },
      });
    },
  };
}

test("a relay that repeats itself shows nothing twice and tells nothing twice", async () => {
  const world = new ClientWorld();
  const ada = await world.join("Ada");
  const bea = await world.join("Bea", { transport: repeating(world.transport()) });
  const conversation = await world.connect(ada, bea);
  for (const text of ["one", "two", "three"]) {
    await ada.client.send(conversation, { text });
    await world.settle(ada, bea);
  }
  expect(await textsOf(bea, conversation)).toEqual(["one", "two", "three"]);
  expect(eventsOf(bea, "message").length).toBe(3);
  expect(bea.failures).toEqual([]);
  await bea.client.send(conversation, { text: "four" });
  await world.settle(bea, ada);
  expect(await textsOf(ada, conversation)).toEqual(["one", "two", "three", "four"]);
});
