import { ClientWorld, WORLD_URL, type Person } from "@stonechat/testkit/client-world";
import { MemoryBlockFiles } from "@stonechat/testkit/memory-block-files";
import { memorySource } from "@stonechat/testkit/memory-files";
import { expect, test } from "vitest";
import type { AttachmentInput } from "../client-api.ts";
import type { FilePort } from "../ports/file-port.ts";
import { noticesOf, textsOf } from "../testing/people.ts";

const FILE: AttachmentInput = { file: new Uint8Array(5000), name: "plan.pdf", mediaType: "", kind: "file" };

function hostThat(openSource: FilePort["openSource"]): FilePort {
  return { openSource, openSink: () => Promise.reject(new RangeError("nothing is saved here")) };
}
const reads = hostThat((file) => Promise.resolve(memorySource(file as Uint8Array)));
const readsForEver = hostThat(() =>
  Promise.resolve({ ...memorySource(new Uint8Array(5000)), read: () => Promise.withResolvers<never>().promise }),
);
const readsNothing = hostThat(() => Promise.reject(new RangeError("no such file")));

async function setUp(filePort: FilePort): Promise<{
  readonly world: ClientWorld;
  readonly ada: Person;
  readonly conversation: string;
  readonly files: MemoryBlockFiles;
}> {
  const world = new ClientWorld();
  const files = new MemoryBlockFiles(1);
  const ada = await world.open(files, { filePort });
  await world.until(ada.client.createAccount({ name: "Ada", relayUrl: WORLD_URL, deviceName: "test" }));
  const conversation = await world.connect(ada, await world.join("Bea"));
  return { world, ada, conversation, files };
}

test("a message whose files were being encrypted when the program was killed is told once, and its text is the draft", async () => {
  const { world, ada, conversation, files } = await setUp(readsForEver);
  void ada.client.send(conversation, { text: "see page 3", attachments: [FILE, FILE] });
  // Whoever asks now is answered after what was noted.
  await ada.client.conversations();
  files.crash();
  const again = await world.open(files);
  expect((await noticesOf(again, conversation)).at(-1)).toEqual({ type: "not-sent", files: 2 });
  expect((await again.client.conversation(conversation)).draft).toBe("see page 3");
  expect(await textsOf(again, conversation)).toEqual([]);
  files.crash();
  const later = await world.open(files);
  expect((await noticesOf(later, conversation)).filter(({ type }) => type === "not-sent")).toHaveLength(1);
});

test("closing the program while files are being encrypted is no failure, and the message is told", async () => {
  const reading = Promise.withResolvers<never>();
  const readsLater = hostThat(() =>
    Promise.resolve({ ...memorySource(new Uint8Array(5000)), read: () => reading.promise }),
  );
  const { world, ada, conversation, files } = await setUp(readsLater);
  const sending = ada.client.send(conversation, { text: "see page 3", attachments: [FILE] });
  await ada.client.conversations();
  await world.until(ada.client.close());
  reading.reject(new RangeError("the file is gone"));
  await expect(sending).rejects.toThrow();
  expect(ada.failures).toEqual([]);
  const again = await world.open(files);
  expect((await noticesOf(again, conversation)).at(-1)).toEqual({ type: "not-sent", files: 1 });
});

test("a full disk keeps nobody out: what was not sent is told when there is space again", async () => {
  const { world, ada, conversation, files } = await setUp(readsForEver);
  void ada.client.send(conversation, { text: "see page 3", attachments: [FILE] });
  await ada.client.conversations();
  files.crash();
  files.capacity = 0;
  const full = await world.open(files);
  expect((await noticesOf(full, conversation)).map(({ type }) => type)).not.toContain("not-sent");
  files.crash();
  files.capacity = Infinity;
  const again = await world.open(files);
  expect((await noticesOf(again, conversation)).at(-1)).toEqual({ type: "not-sent", files: 1 });
});

test("who cannot open a profile leaves it to the next try", async () => {
  const { world, ada, conversation, files } = await setUp(readsForEver);
  void ada.client.send(conversation, { text: "see page 3", attachments: [FILE] });
  await ada.client.conversations();
  files.crash();
  files.decide = () => "io";
  await expect(world.open(files)).rejects.toMatchObject({ code: "io" });
  files.decide = () => undefined;
  const again = await world.open(files);
  expect((await again.client.conversation(conversation)).draft).toBe("see page 3");
});

test("a draft that was begun meanwhile stays", async () => {
  const { world, ada, conversation, files } = await setUp(readsForEver);
  void ada.client.send(conversation, { text: "see page 3", attachments: [FILE] });
  await ada.client.setDraft(conversation, "something else");
  files.crash();
  const again = await world.open(files);
  expect((await again.client.conversation(conversation)).draft).toBe("something else");
});

test.each([
  ["was queued", reads],
  ["was refused", readsNothing],
])("nothing is told of a message that %s", async (how, filePort) => {
  const { world, ada, conversation, files } = await setUp(filePort);
  const sending = ada.client.send(conversation, { text: "see page 3", attachments: [FILE] });
  await (how === "was queued" ? sending : expect(sending).rejects.toThrow());
  files.crash();
  const again = await world.open(files);
  expect((await noticesOf(again, conversation)).map(({ type }) => type)).not.toContain("not-sent");
});
