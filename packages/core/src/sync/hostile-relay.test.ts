import { replyFrame, type Reply } from "@stonechat/protocol";
import { ClientWorld, type Person } from "@stonechat/testkit/client-world";
import { expect, test } from "vitest";
import type { Transport } from "../ports/transport.ts";
import { lastMessageOf, textsOf } from "../testing/people.ts";

/** A relay that changes what it answers on the way, and tells of new entries only after it has acknowledged one. */
function lying(honest: Transport, lie: (reply: Reply) => Reply, late: { until: "acknowledged" | "now" }): Transport {
  const held: (() => void)[] = [];
  return {
    canReach: (url) => honest.canReach(url),
    openSocket: (url, events) =>
      honest.openSocket(url, {
        ...events,
        onFrame: (frame) => {
          const { requestId, reply } = replyFrame.decode(frame);
          const told = replyFrame.encode({ requestId, reply: lie(reply) });
          if (reply.type === "entries" && late.until === "acknowledged") {
            held.push(() => {
              events.onFrame(told);
            });
            return;
          }
          events.onFrame(told);
          if (reply.type !== "appended") return;
          late.until = "now";
          for (const tell of held.splice(0)) tell();
        },
      }),
  };
}

async function setUp(lie: (reply: Reply) => Reply): Promise<{
  readonly world: ClientWorld;
  readonly ada: Person;
  readonly bea: Person;
  readonly conversation: string;
  readonly late: { until: "acknowledged" | "now" };
}> {
  const world = new ClientWorld();
  const [honest, bea] = [await world.join("Ada"), await world.join("Bea")];
  const conversation = await world.connect(honest, bea);
  await bea.client.send(conversation, { text: "first" });
  await world.settle(bea, honest);
  await world.until(honest.client.close());
  const late: { until: "acknowledged" | "now" } = { until: "now" };
  const ada = await world.open(honest.files, { transport: lying(world.transport(), lie, late) });
  await world.settle(ada);
  return { world, ada, bea, conversation, late };
}

test("a relay that gives a number twice stops nobody: all is shown, and all is sent", async () => {
  let taken = 0;
  const { world, ada, bea, conversation, late } = await setUp((reply) => {
    if (reply.type === "entries" && taken === 0) taken = Math.max(0, ...reply.entries.map(({ seq }) => seq));
    return reply.type === "appended" ? { ...reply, seq: taken } : reply;
  });
  await bea.client.send(conversation, { text: "second" });
  await world.settle(bea, ada);
  late.until = "acknowledged";
  await ada.client.send(conversation, { text: "mine" });
  await world.until(ada.client.settle(5_000));
  await bea.client.send(conversation, { text: "third" });
  await world.settle(bea);
  await world.until(ada.client.settle(5_000));
  expect(ada.failures).toEqual([]);
  expect((await textsOf(ada, conversation)).toSorted()).toEqual(["first", "mine", "second", "third"]);
  expect(await textsOf(bea, conversation)).toEqual(["first", "second", "mine", "third"]);
});

test("a relay that says a message went to the end of all numbers does not put it after what is still to come", async () => {
  const { world, ada, bea, conversation } = await setUp((reply) =>
    reply.type === "appended" ? { ...reply, seq: Number.MAX_SAFE_INTEGER } : reply,
  );
  await ada.client.send(conversation, { text: "mine" });
  await world.until(ada.client.settle(5_000));
  await ada.client.send(conversation, { text: "waits" });
  expect((await lastMessageOf(ada, conversation)).body).toEqual({ type: "text", text: "waits" });
  await world.until(ada.client.settle(5_000));
  await world.settle(bea);
  expect(ada.failures).toEqual([]);
  expect(await textsOf(bea, conversation)).toEqual(["first", "mine", "waits"]);
});

test("a page beyond all numbers is not taken in, and after it the honest log goes on", async () => {
  let lie = true;
  const { world, ada, bea, conversation } = await setUp((reply) =>
    lie && reply.type === "entries" ? { ...reply, entries: [], next: Number.MAX_SAFE_INTEGER } : reply,
  );
  await bea.client.send(conversation, { text: "second" });
  await world.settle(bea);
  await world.until(ada.client.settle(5_000));
  lie = false;
  world.cut();
  world.reachable = true;
  await world.settle(ada);
  expect(await textsOf(ada, conversation)).toEqual(["first", "second"]);
  expect((await ada.client.conversation(conversation)).state).toBe("active");
});
