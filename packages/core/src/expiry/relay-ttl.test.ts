import { blobAnnouncement, requestFrame, type RequestOf } from "@stonechat/protocol";
import { ClientWorld } from "@stonechat/testkit/client-world";
import { expect, test } from "vitest";
import type { Http } from "../ports/http.ts";
import type { Transport } from "../ports/transport.ts";
import { lastMessageOf, makeGroup } from "../testing/people.ts";

const DAY_S = 86_400;

/** A person whose appended entries and announced blobs are written down. */
class Watched {
  readonly entries: number[] = [];
  readonly blobs: number[] = [];
  readonly transport: Transport;
  readonly http: Http;

  constructor(world: ClientWorld) {
    const [transport, http] = [world.transport(), world.http()];
    this.transport = {
      ...transport,
      openSocket: (url, events) => {
        const socket = transport.openSocket(url, events);
        const send = (frame: Uint8Array): void => {
          const { request } = requestFrame.decode(frame);
          if (request.type === "append") this.entries.push((request satisfies RequestOf<"append">).ttlSeconds);
          socket.send(frame);
        };
        return {
          send,
          close: () => {
            socket.close();
          },
        };
      },
    };
    this.http = {
      request: (request) => {
        if (request.method === "POST" && request.body !== undefined)
          this.blobs.push(blobAnnouncement.decode(request.body).ttlSeconds);
        return http.request(request);
      },
    };
  }

  forget(): void {
    this.entries.length = 0;
    this.blobs.length = 0;
  }
}

test.each([
  ["nothing disappears", 0, undefined, 30 * DAY_S],
  ["the conversation has a timer of a minute", 60, undefined, 14 * DAY_S],
  ["the message has a timer of a day", 0, DAY_S, 14 * DAY_S],
  ["both have one", 100 * DAY_S, DAY_S, 14 * DAY_S],
  ["the timer is so long that it ends with the relay's own time", 20 * DAY_S, undefined, 30 * DAY_S],
] as const)("if %s, the relay keeps message, attachment and changes accordingly", async (_, timer, own, expected) => {
  const world = new ClientWorld();
  const watched = new Watched(world);
  const ada = await world.join("Ada", { transport: watched.transport, http: watched.http });
  const bea = await world.join("Bea");
  const conversation = await world.connect(ada, bea);
  if (timer > 0) await ada.client.setTimer(conversation, timer);
  await world.settle(ada, bea);
  watched.forget();
  const attachments = [{ file: new Uint8Array(100), name: "a", mediaType: "", kind: "file" }] as const;
  await ada.client.send(conversation, { text: "x", attachments, ...(own === undefined ? {} : { timerSeconds: own }) });
  await world.settle(ada, bea);
  expect(watched.blobs).toEqual([expected]);
  expect(watched.entries).toEqual([expected]);
  watched.forget();
  const { id } = await lastMessageOf(ada, conversation);
  await ada.client.edit(conversation, id, "y");
  await ada.client.react(conversation, id, "👍", false);
  await world.settle(ada, bea);
  expect(watched.entries).toEqual([expected, expected]);
});

test("a message that waited for a shorter timer of its conversation lies at the relay no longer for that", async () => {
  const world = new ClientWorld();
  const watched = new Watched(world);
  const ada = await world.join("Ada", { transport: watched.transport, http: watched.http });
  const bea = await world.join("Bea");
  const conversation = await world.connect(ada, bea);
  world.cut();
  await ada.client.send(conversation, { text: "written before" });
  await ada.client.setTimer(conversation, 60);
  watched.forget();
  world.reachable = true;
  await world.settle(ada, bea, ada);
  expect(watched.entries.at(-1)).toBe(14 * DAY_S);
});

test("what a group needs to go on lies at the relay as long as ever", async () => {
  const world = new ClientWorld();
  const watched = new Watched(world);
  const ada = await world.join("Ada", { transport: watched.transport, http: watched.http });
  const bea = await world.join("Bea");
  await world.connect(ada, bea);
  const group = await makeGroup(world, "Team", bea, ada);
  await bea.client.setTimer(group, 60);
  await world.settle(bea, ada);
  watched.forget();
  await ada.client.leaveGroup(group);
  await world.settle(ada, bea, ada);
  expect(watched.entries).toEqual([30 * DAY_S]);
});
