import { ClientWorld, type Person } from "@stonechat/testkit/client-world";
import { MemoryBlockFiles } from "@stonechat/testkit/memory-block-files";
import { MemorySink } from "@stonechat/testkit/memory-files";
import { SetClock } from "@stonechat/testkit/set-clock";
import { describe, expect, test } from "vitest";
import type { ClientPorts } from "../client.ts";
import { lastMessageOf, textsOf } from "../testing/people.ts";

const HOUR_MS = 3_600_000;
const DAY_S = 86_400;
const DAY_MS = DAY_S * 1000;
/** No word of ours, in a file's bytes also when its beginning is left out, as an index of sorted words does. */
const SECRET = "Xylographzanzibarquokka";

/** Stands for a vault: only what the client does with it matters here. */
class FakeVault {
  burns = 0;
  answer: "burned" | "unreachable" = "burned";
  /** What to do while it burns. */
  during: () => Promise<void> = () => Promise.resolve();

  readonly burn = async (): Promise<"burned" | "unreachable"> => {
    this.burns += 1;
    await this.during();
    return this.answer;
  };

  get port(): NonNullable<ClientPorts["vault"]> {
    return this as unknown as NonNullable<ClientPorts["vault"]>; // the client asks for nothing else here
  }
}

async function setUp(vault = new FakeVault()): Promise<{
  world: ClientWorld;
  ada: Person;
  bea: Person;
  files: MemoryBlockFiles;
  vault: FakeVault;
  conversation: string;
}> {
  const world = new ClientWorld();
  const files = new MemoryBlockFiles(7);
  const ada = await world.join("Ada");
  const bea = await world.open(files, { vault: vault.port });
  await world.until(bea.client.createAccount({ name: "Bea", relayUrl: "http://localhost:1", deviceName: "test" }));
  return { world, ada, bea, files, vault, conversation: await world.connect(ada, bea) };
}

/** Whether any file holds the words, or the better part of them. */
async function holds(files: MemoryBlockFiles, words: string): Promise<boolean> {
  const parts = [words, words.slice(8), words.toLowerCase(), words.toLowerCase().slice(8)];
  for (const name of await files.list()) {
    const bytes = Buffer.from(files.contents(name));
    if (parts.some((part) => bytes.includes(part) || bytes.includes(Buffer.from(part, "utf16le")))) return true;
  }
  return false;
}

describe("erasing", () => {
  test("leaves no ciphertext of a message in any file of the profile", async () => {
    const { world, ada, bea, files, conversation } = await setUp();
    await world.until(ada.client.send(conversation, { text: SECRET, timerSeconds: DAY_S }));
    await world.settle(ada, bea);
    const body = Buffer.from(world.store.rawBodies().at(-1) ?? []);
    const held = async (): Promise<boolean> =>
      (await files.list()).some((name) => Buffer.from(files.contents(name)).includes(body.subarray(64, 192)));
    expect(await held()).toBe(true);
    const message = await lastMessageOf(bea, conversation);
    await world.until(bea.client.deleteForMe(conversation, message.id));
    await world.until(bea.client.burn());
    expect(await held()).toBe(false);
  });

  test("leaves no word, name or thumbnail of a message in any file of the profile, nor in the search index", async () => {
    const { world, ada, bea, files, conversation } = await setUp();
    for (let i = 0; i < 40; i += 1) await ada.client.send(conversation, { text: `stays ${String(i)} quality` });
    const attachment = {
      file: new Uint8Array(2000).fill(7),
      name: `${SECRET}.jpg`,
      mediaType: "image/jpeg",
      kind: "image",
      thumbnail: new TextEncoder().encode(`thumb ${SECRET}`),
    } as const;
    await ada.client.send(conversation, { text: `a ${SECRET} b`, timerSeconds: DAY_S, attachments: [attachment] });
    await world.settle(ada, bea);
    const { id, attachments } = await lastMessageOf(bea, conversation);
    await world.until(bea.client.download(conversation, id, attachments[0]?.id ?? ""));
    await bea.client.send(conversation, { text: "answer", replyTo: id });
    expect(await bea.client.search(SECRET, 10)).toHaveLength(1);
    await bea.client.markRead(conversation, id);
    await world.settle(bea, ada);
    expect(await holds(files, SECRET)).toBe(true);
    const before = await files.list();
    world.clock.advance(DAY_MS + 60_000);
    await bea.client.conversations();
    await world.settle(bea, ada);
    expect(await holds(files, SECRET)).toBe(false);
    expect((await bea.client.search("quality", 100)).length).toBe(40);
    const gone = before.filter((name) => !files.contents(name).length && name !== "stonechat.db-journal");
    expect((await files.list()).length).toBe(before.length - 1);
    expect(gone).not.toEqual([]);
  });

  test("cancels an upload, and deletes what was sealed for it", async () => {
    const { world, bea, files, conversation } = await setUp();
    world.cut();
    const attachment = { file: new Uint8Array(5000), name: "a", mediaType: "", kind: "file" } as const;
    const count = (await files.list()).length;
    await bea.client.send(conversation, { text: "", timerSeconds: DAY_S, attachments: [attachment] });
    expect((await files.list()).length).toBe(count + 1);
    world.clock.advance(16 * DAY_MS);
    await bea.client.burn();
    expect((await files.list()).length).toBe(count);
  });

  test("that a full disk prevents leaves it hidden all the same, and follows when there is room", async () => {
    const { world, ada, bea, files, conversation } = await setUp();
    const { id } = await ada.client.send(conversation, { text: SECRET, timerSeconds: DAY_S });
    await world.settle(ada, bea);
    await bea.client.markRead(conversation, id);
    files.decide = ({ kind }) => (kind === "write" ? "full" : undefined);
    world.clock.advance(DAY_MS + 60_000);
    expect(await textsOf(bea, conversation)).toEqual([]);
    expect((await bea.client.conversation(conversation)).lastMessage?.preview).not.toEqual({
      type: "text",
      text: SECRET,
    });
    await expect(bea.client.message(conversation, id)).rejects.toMatchObject({ code: "not-found" });
    await expect(bea.client.burn()).rejects.toMatchObject({ code: "storage-full" });
    expect(bea.failures).not.toEqual([]);
    expect(await holds(files, SECRET)).toBe(true);
    files.decide = () => undefined;
    expect(await textsOf(bea, conversation)).toEqual([]);
    expect(await holds(files, SECRET)).toBe(false);
  });

  test("of more than one lot at a time goes on until all are gone", async () => {
    const { world, bea, conversation } = await setUp();
    const own = (await bea.client.account())?.ownConversationId ?? "";
    for (let i = 0; i < 520; i += 1) await bea.client.send(own, { text: "note", timerSeconds: DAY_S });
    await world.settle(bea);
    world.clock.advance(DAY_MS + 60_000);
    expect(await textsOf(bea, own)).toEqual([]);
    expect(await bea.client.burn()).toBe("burned");
    expect(conversation).not.toBe(own);
  });
});

describe("a burn", () => {
  test("erases what is due, then asks the vault, and nothing is written in between or meanwhile", async () => {
    const { world, ada, bea, files, vault, conversation } = await setUp();
    const attachment = { file: new Uint8Array(300_000), name: "a", mediaType: "", kind: "file" } as const;
    await ada.client.send(conversation, { text: "", attachments: [attachment] });
    const { id } = await ada.client.send(conversation, { text: SECRET, timerSeconds: DAY_S });
    await world.settle(ada, bea);
    await bea.client.markRead(conversation, id);
    const page = await bea.client.messages(conversation, { limit: 10 });
    const file = page.messages.find(({ attachments }) => attachments.length > 0);
    world.clock.advance(DAY_MS + 60_000);
    let written = -1;
    const waiting: Promise<unknown>[] = [];
    vault.during = async () => {
      expect(await holds(files, SECRET)).toBe(false);
      const before = files.operations;
      waiting.push(
        bea.client.send(conversation, { text: "later", attachments: [attachment] }),
        bea.client.download(conversation, file?.id ?? "", file?.attachments[0]?.id ?? ""),
        bea.client.setDraft(conversation, "draft"),
      );
      for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
      written = files.operations - before;
    };
    expect(await bea.client.burn()).toBe("burned");
    expect(written).toBe(0);
    await world.until(Promise.all(waiting));
    expect(await textsOf(bea, conversation)).toContain("later");
  });

  test("happens within the hour after something disappeared, and again only after the next", async () => {
    const { world, ada, bea, vault, conversation } = await setUp();
    const { id } = await ada.client.send(conversation, { text: SECRET, timerSeconds: DAY_S });
    await world.settle(ada, bea);
    await bea.client.markRead(conversation, id);
    world.clock.advance(DAY_MS);
    await bea.client.conversations();
    expect(vault.burns).toBe(0);
    await pass(world, HOUR_MS);
    expect(vault.burns).toBe(1);
    await pass(world, 5 * HOUR_MS);
    expect(vault.burns).toBe(1);
  });

  test("that reached too few guards says so, and is tried again every hour until it succeeds", async () => {
    const { world, ada, bea, vault, conversation } = await setUp();
    const { id } = await ada.client.send(conversation, { text: SECRET, timerSeconds: DAY_S });
    await world.settle(ada, bea);
    await bea.client.markRead(conversation, id);
    world.clock.advance(DAY_MS);
    vault.answer = "unreachable";
    expect(await bea.client.burn()).toBe("unreachable");
    await pass(world, 3 * HOUR_MS);
    expect(vault.burns).toBe(4);
    vault.answer = "burned";
    await pass(world, 3 * HOUR_MS);
    expect(vault.burns).toBe(5);
  });

  test("is still due after a restart", async () => {
    const { world, ada, bea, files, vault, conversation } = await setUp();
    const { id } = await ada.client.send(conversation, { text: SECRET, timerSeconds: DAY_S });
    await world.settle(ada, bea);
    await bea.client.markRead(conversation, id);
    world.clock.advance(DAY_MS);
    await bea.client.conversations();
    await bea.client.close();
    const again = await world.open(files, { vault: vault.port });
    await pass(world, HOUR_MS);
    expect(vault.burns).toBe(1);
    expect(await again.client.burn()).toBe("burned");
  });

  test("of a profile that lies in no vault says that older copies still have it", async () => {
    const world = new ClientWorld();
    const ada = await world.join("Ada");
    expect(await ada.client.burn()).toBe("deleted");
  });

  test("asked for twice at once is one", async () => {
    const { bea, vault } = await setUp();
    expect(await Promise.all([bea.client.burn(), bea.client.burn()])).toEqual(["burned", "burned"]);
    expect(vault.burns).toBe(1);
  });
});

describe("view-once", () => {
  const picture = (more: object = {}) =>
    ({
      file: new Uint8Array(3000).fill(9),
      name: `${SECRET}.jpg`,
      mediaType: "image/jpeg",
      kind: "image",
      ...more,
    }) as const;

  test("is opened once by its receiver, and leaves neither key nor ciphertext", async () => {
    const { world, ada, bea, files, conversation } = await setUp();
    await world.until(ada.client.send(conversation, { text: "", attachments: [picture()], viewOnce: true }));
    await world.settle(ada, bea, ada);
    const message = await lastMessageOf(bea, conversation);
    const attachment = message.attachments[0];
    expect(message.viewOnce).toBe("unopened");
    expect((await bea.client.conversation(conversation)).lastMessage?.preview).toEqual({
      type: "view-once",
      opened: false,
    });
    await expect(
      bea.client.openAttachment(conversation, message.id, attachment?.id ?? "", new MemorySink()),
    ).rejects.toMatchObject({ code: "not-allowed" });
    const count = (await files.list()).length;
    const sink = new MemorySink();
    await world.until(bea.client.openViewOnce(conversation, message.id, attachment?.id ?? "", sink));
    expect(sink.bytes()).toEqual(new Uint8Array(3000).fill(9));
    expect((await files.list()).length).toBe(count);
    const after = await lastMessageOf(bea, conversation);
    expect([after.viewOnce, after.attachments]).toEqual(["opened", []]);
    await expect(
      bea.client.openViewOnce(conversation, message.id, attachment?.id ?? "", new MemorySink()),
    ).rejects.toMatchObject({ code: "not-found" });
  });

  test("cannot be opened by its sender, who keeps nothing of it once it was sent", async () => {
    const { world, ada, bea, files, conversation } = await setUp();
    world.cut();
    const count = (await files.list()).length;
    const sent = await bea.client.send(conversation, { text: "", attachments: [picture()], viewOnce: true });
    expect(sent.viewOnce).toBe("unopened");
    world.reachable = true;
    await world.settle(bea, ada, bea);
    const mine = await lastMessageOf(bea, conversation);
    expect([mine.viewOnce, mine.attachments]).toEqual(["opened", []]);
    expect((await files.list()).length).toBe(count);
  });

  test("tells no name, and carries no thumbnail", async () => {
    const { world, ada, bea, files, conversation } = await setUp();
    const thumbnail = new TextEncoder().encode(SECRET);
    await world.until(
      ada.client.send(conversation, { text: "", attachments: [picture({ thumbnail })], viewOnce: true }),
    );
    await world.settle(ada, bea, ada);
    const [attachment] = (await lastMessageOf(bea, conversation)).attachments;
    expect([attachment?.name, attachment?.thumbnail]).toEqual(["view-once", undefined]);
    expect(await holds(files, SECRET)).toBe(false);
  });

  test("is gone also if what it was opened into failed", async () => {
    const { world, ada, bea, conversation } = await setUp();
    await world.until(ada.client.send(conversation, { text: "", attachments: [picture()], viewOnce: true }));
    await world.settle(ada, bea, ada);
    const { id, attachments } = await lastMessageOf(bea, conversation);
    const sink = new MemorySink();
    sink.write = () => Promise.reject(new RangeError("no room"));
    await expect(
      world.until(bea.client.openViewOnce(conversation, id, attachments[0]?.id ?? "", sink)),
    ).rejects.toThrow();
    expect((await lastMessageOf(bea, conversation)).viewOnce).toBe("opened");
  });

  test.each([
    ["words", { text: "look", attachments: [picture()] }],
    ["no file", { text: "look" }],
    ["two files", { text: "", attachments: [picture(), picture()] }],
    ["a document", { text: "", attachments: [picture({ kind: "file" })] }],
  ])("is refused for %s", async (_, input) => {
    const { ada, conversation } = await setUp();
    await expect(ada.client.send(conversation, { ...input, viewOnce: true })).rejects.toMatchObject({
      code: "bad-value",
    });
  });
});

/** Lets hours pass as a device lives through them, one timer after the other. */
async function pass(world: ClientWorld, milliseconds: number): Promise<void> {
  for (let left = milliseconds + 60_000; left > 0; left -= 60_000) {
    world.clock.advance(60_000);
    for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
  }
}

test("a device whose clock is set far ahead erases what has a countdown, and nothing else", async () => {
  const world = new ClientWorld();
  const clock = new SetClock(world.clock);
  const [ada, bea] = [await world.join("Ada"), await world.join("Bea", { clock })];
  const conversation = await world.connect(ada, bea);
  await ada.client.send(conversation, { text: "stays" });
  const { id } = await ada.client.send(conversation, { text: "goes", timerSeconds: DAY_S });
  await world.settle(ada, bea);
  await bea.client.markRead(conversation, id);
  await ada.client.send(conversation, { text: "unread", timerSeconds: DAY_S });
  await world.settle(ada, bea);
  clock.set(3650 * DAY_MS);
  expect(await textsOf(bea, conversation)).toEqual(["stays", "unread"]);
  clock.set(-3650 * DAY_MS);
  expect(await textsOf(bea, conversation)).toEqual(["stays", "unread"]);
});
