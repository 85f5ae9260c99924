import { expect, test } from "vitest";
import { requestFrame, type ReplyOf } from "@stonechat/protocol";
import { FrameClient } from "../testing/frame-client.ts";
import { relayFixture } from "../testing/relay-fixture.ts";
import { ask, logId, token } from "../testing/service-fixture.ts";

const ENTRIES = 200;
const BODY_BYTES = 60_000;

test(
  "a reader that stops reading holds up nobody, costs bounded memory, and gets everything when it reads on",
  { timeout: 60_000 },
  async () => {
    const { url } = await relayFixture();
    const [writer, slow, quick] = [
      await FrameClient.open(url),
      await FrameClient.open(url),
      await FrameClient.open(url),
    ];
    await writer.ask(ask.create(1));
    await slow.ask(ask.subscribe(1));
    await quick.ask(ask.subscribe(1));
    slow.socket.pause();
    const before = process.memoryUsage.rss();
    for (let n = 0; n < ENTRIES; n += 1) {
      const request = ask.append(1, n, 0, BODY_BYTES);
      await writer.expect("appended", { ...request, entryId: new Uint8Array(16).fill(n) } as typeof request);
    }
    const all = (pushed: readonly ReplyOf<"entries">[]): boolean =>
      pushed.flatMap(({ entries }) => entries).length >= ENTRIES;
    await quick.pushedUntil(all);
    expect(process.memoryUsage.rss() - before).toBeLessThan(200 * 1024 * 1024);
    slow.socket.resume();
    const seqs = (await slow.pushedUntil(all)).flatMap(({ entries }) => entries.map(({ seq }) => seq));
    expect(seqs).toEqual(Array.from({ length: ENTRIES }, (_, n) => n));
  },
);

test("a reader that stays away too long is put out, and others are served", { timeout: 60_000 }, async () => {
  const { url } = await relayFixture({}, { limits: { tooSlowMs: 1000, maxPendingBytes: 64 * 1024 } });
  const [writer, slow] = [await FrameClient.open(url), await FrameClient.open(url)];
  await writer.ask(ask.create(1));
  for (let n = 0; n < 100; n += 1) {
    const request = ask.append(1, n, 0, BODY_BYTES);
    await writer.ask({ ...request, entryId: new Uint8Array(16).fill(n) } as typeof request);
  }
  slow.socket.pause();
  // Asks for more than any buffer between us holds, and reads none of it.
  const request = { type: "read", logId: logId(1), readToken: token("read 0"), from: 0, limit: 100 } as const;
  for (let n = 1; n < 60; n += 1) slow.socket.send(requestFrame.encode({ requestId: 1000 + n, request }));
  // Who does not read hears of the end by writing only.
  while (slow.socket.readyState === slow.socket.OPEN) {
    slow.socket.ping();
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
  expect((await writer.ask({ type: "unsubscribe", logIds: [] })).type).toBe("done");
});
