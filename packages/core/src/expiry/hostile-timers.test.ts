import type { ContentBody } from "@stonechat/protocol";
import { ClientWorld } from "@stonechat/testkit/client-world";
import { expect, test } from "vitest";
import { MAX_TIMER_SECONDS, type MessageView } from "../client-api.ts";
import { Attacker } from "../testing/attacker.ts";
import { lastMessageOf } from "../testing/people.ts";

const HOUR_S = 3_600;
type MessageBody = Extract<ContentBody, { readonly type: "message" }>;
const plain: MessageBody = {
  ...{ type: "message", text: "look", replyTo: undefined, attachments: [] },
  ...{ timerSeconds: 0, viewOnce: false },
};
const picture: MessageBody["attachments"][number] = {
  ...{ name: "x", mediaType: "image/png", kind: "image", width: 0, height: 0, thumbnail: new Uint8Array(0) },
  blob: {
    ...{ relayUrl: "http://localhost:1", blobId: new Uint8Array(32).fill(1) as never, key: new Uint8Array(32) },
    ...{ prefix: new Uint8Array(7), sha256: new Uint8Array(32), size: 1, storedSize: 32 },
  },
};

/** What Ada sees of a message that a program of Mallory's sends. */
async function received(timerSeconds: number, body: MessageBody): Promise<MessageView> {
  const world = new ClientWorld();
  const [ada, mallory] = [await world.join("Ada"), await world.join("Mallory")];
  const conversation = await world.connect(ada, mallory);
  if (timerSeconds > 0) {
    await ada.client.setTimer(conversation, timerSeconds);
    await world.settle(ada, mallory);
  }
  const program = await Attacker.become(world, mallory, conversation);
  await program.sendMessage(body);
  await world.until(ada.client.settle(5_000));
  return lastMessageOf(ada, conversation);
}

test.each([
  ["none", 0],
  ["a longer one", 10 * HOUR_S],
  ["the longest that can be written", 0xffff_ffff],
])("a message that names %s goes by its conversation's timer", async (_, timerSeconds) => {
  expect((await received(HOUR_S, { ...plain, timerSeconds })).timerSeconds).toBe(HOUR_S);
});

test("a timer of a century is one of a year", async () => {
  expect((await received(0, { ...plain, timerSeconds: 0xffff_ffff })).timerSeconds).toBe(MAX_TIMER_SECONDS);
});

test.each([
  ["with words", { text: "look", attachments: [picture] }],
  [
    "with two files",
    {
      text: "",
      attachments: [picture, { ...picture, blob: { ...picture.blob, blobId: new Uint8Array(32) as never } }],
    },
  ],
  ["with a document", { text: "", attachments: [{ ...picture, kind: "file" }] }],
  ["without a file", { text: "look" }],
] as const)("view-once %s is a message like any other", async (_, more) => {
  const message = await received(0, { ...plain, ...more, viewOnce: true });
  expect(message.viewOnce).toBeUndefined();
  expect(message.attachments.length).toBe("attachments" in more ? more.attachments.length : 0);
});

test("view-once with one picture is view-once", async () => {
  const message = await received(0, { ...plain, text: "", attachments: [picture], viewOnce: true });
  expect(message.viewOnce).toBe("unopened");
});
