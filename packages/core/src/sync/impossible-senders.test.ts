import { encodeContent, messageDetails, Writer, type MessageId } from "@stonechat/protocol";
import { ClientWorld, type Person } from "@stonechat/testkit/client-world";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { expect, test } from "vitest";
import { toDeviceKeys } from "../identity/account.ts";
import { CONTENT_APPLICATION, CONTENT_COMMIT } from "../mls/wire/private-message.ts";
import { Attacker } from "../testing/attacker.ts";
import { commitBody, insideOf, renewedPath, sealBody, type Inside } from "../testing/mls-inside.ts";
import { alarmsOf, connectAll, idOf, makeGroup, noticesOf, textsOf } from "../testing/people.ts";

/** Of the four leaves of a tree for three the one that is blank. */
const NOBODY = 3;

interface Stage {
  readonly ada: Person;
  readonly bea: Person;
  readonly group: string;
  readonly mallory: Attacker;
  readonly inside: Inside;
  readonly settle: () => Promise<void>;
}

/** A group of Ada (admin), Bea and Mallory, who seals what she likes. */
async function setUp(): Promise<Stage> {
  const world = new ClientWorld();
  const [ada, bea, eve] = [await world.join("Ada"), await world.join("Bea"), await world.join("Mallory")];
  await connectAll(world, ada, bea, eve);
  const group = await makeGroup(world, "Team", ada, bea, eve);
  await ada.client.send(group, { text: "hello" });
  await world.settle(ada, bea, eve);
  const mallory = await Attacker.become(world, eve, group);
  const inside = insideOf(
    { device: toDeviceKeys(mallory.account), stored: mallory.stored },
    repeatableRandom("inside"),
  );
  const settle = async (): Promise<void> => {
    for (const { client } of [ada, bea]) await world.until(client.settle(5_000));
  };
  return { ada, bea, group, mallory, inside, settle };
}

/** A text in the name of a leaf, signed by Mallory, who has no other key. */
function textOf({ mallory, inside }: Stage, leaf: number): Uint8Array {
  const content = encodeContent({
    messageId: new Uint8Array(16).fill(9) as MessageId,
    sentAt: 0,
    body: { type: "message", text: "forged", replyTo: undefined, attachments: [], timerSeconds: 0, viewOnce: false },
    extensions: new Uint8Array(0),
  });
  const body = new Writer();
  body.vector(content, content.length);
  const authenticatedData = messageDetails.encode(mallory.honestDetails);
  return mallory.seal("message", sealBody(inside, CONTENT_APPLICATION, body.finish(), { leaf, authenticatedData }));
}

async function commitOf({ mallory, inside }: Stage, leaf: number): Promise<Uint8Array> {
  const { path } = await renewedPath(inside);
  return mallory.seal("commit", sealBody(inside, CONTENT_COMMIT, commitBody({ proposals: [], path }), { leaf }));
}

test("a message in the name of another member, of the reader, or of nobody is shown by nobody", async () => {
  const stage = await setUp();
  const { ada, bea, group, mallory, settle } = stage;
  for (const who of [ada, bea]) await mallory.append(textOf(stage, mallory.leafOf(await idOf(who))));
  await mallory.append(textOf(stage, NOBODY));
  // The same means, and her own name.
  await mallory.append(textOf(stage, mallory.group.own.leaf));
  await settle();
  for (const person of [ada, bea]) {
    expect(await textsOf(person, group)).toEqual(["hello", "forged"]);
    expect((await noticesOf(person, group)).filter(({ type }) => type === "missing")).toHaveLength(2);
    const { messages } = await person.client.messages(group, { limit: 5 });
    expect(messages.find(({ body }) => body.type === "text" && body.text === "forged")?.fromName).toBe("Mallory");
    expect(person.failures).toEqual([]);
  }
});

test.each([
  ["of its reader", 0],
  ["of nobody", NOBODY],
])("a commit in the name %s stops the conversation for everybody, aloud", async (_, leaf) => {
  const stage = await setUp();
  const { ada, bea, group, mallory, settle } = stage;
  expect(mallory.leafOf(await idOf(ada))).toBe(0);
  await mallory.commitNoise(await commitOf(stage, leaf));
  await settle();
  for (const person of [ada, bea]) {
    expect(alarmsOf(person)).toEqual(["bad-commit"]);
    expect((await person.client.conversation(group)).state).toBe("broken");
    expect(person.failures).toEqual([]);
  }
});
