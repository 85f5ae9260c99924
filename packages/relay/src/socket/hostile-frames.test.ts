import { requestFrame } from "@stonechat/protocol";
import { expect, test, vi } from "vitest";
import { FrameClient } from "../testing/frame-client.ts";
import { frame, RawSocket } from "../testing/raw-socket.ts";
import { relayFixture } from "../testing/relay-fixture.ts";

const hello = requestFrame.encode({ requestId: 1, request: { type: "hello", minVersion: 1, maxVersion: 1 } });
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const HUGE = Uint8Array.of(0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0);
const OVER_LIMIT = Uint8Array.of(0x82, 0xff, 0, 0, 0, 0, 0, 0x20, 0, 0, 0, 0, 0, 0);

/** What is sent after the handshake, and the close codes that may answer. */
const HOSTILE: Readonly<Record<string, readonly [frames: readonly Uint8Array[], codes: readonly number[]]>> = {
  "an unmasked frame": [[frame(0x82, hello, false)], [1002]],
  "a text frame": [[frame(0x81, bytes("hello"))], [1003]],
  "an opcode that does not exist": [[frame(0x83, hello)], [1002]],
  "a control opcode that does not exist": [[frame(0x8b)], [1002]],
  "a fragmented ping": [[frame(0x09, bytes("x"))], [1002]],
  "a ping of 126 bytes": [[frame(0x89, new Uint8Array(126))], [1002]],
  "a compressed frame": [[frame(0xc2, hello)], [1002]],
  "reserved bits": [[frame(0xa2, hello)], [1002]],
  "a continuation of nothing": [[frame(0x80, hello)], [1002]],
  "a new message inside another": [[frame(0x02, hello), frame(0x82, hello)], [1002]],
  "a length of 2^63 - 1": [[HUGE], [1009]],
  "a length over the limit": [[OVER_LIMIT], [1009]],
  "close code 1005": [[frame(0x88, Uint8Array.of(0x03, 0xed))], [1002]],
  "close code 65535": [[frame(0x88, Uint8Array.of(0xff, 0xff))], [1002]],
  "a close frame of one byte": [[frame(0x88, Uint8Array.of(3))], [1002]],
  "a close reason that is no UTF-8": [[frame(0x88, Uint8Array.of(0x03, 0xe8, 0xff, 0xfe))], [1007]],
  "more fragments than a message may have": [
    [frame(0x02), ...new Array<Uint8Array>(200).fill(frame(0x00, bytes("x")))],
    [1008, 1009],
  ],
  "noise as a binary frame": [[frame(0x82, bytes("not a request"))], [4002]],
  "an empty binary frame": [[frame(0x82)], [4002]],
};

test(
  "every kind of broken frame ends its connection with the right code, and no other",
  { timeout: 60_000 },
  async () => {
    const { url, lines } = await relayFixture();
    const bystander = await FrameClient.open(url);
    for (const [name, [frames, codes]] of Object.entries(HOSTILE)) {
      const socket = new RawSocket(url);
      await socket.upgrade();
      const code = await socket.closeCodeAfter(...frames);
      expect(codes, name).toContain(code);
    }
    expect((await bystander.ask({ type: "unsubscribe", logIds: [] })).type).toBe("done");
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(200);
  },
);

test("offers of compression are not taken", async () => {
  const { url } = await relayFixture();
  const socket = new RawSocket(url);
  const answer = await socket.upgrade("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n");
  expect(answer).toMatch(/^HTTP\/1\.1 101 /);
  expect(answer.toLowerCase()).not.toContain("sec-websocket-extensions");
  socket.socket.destroy();
});

test("a peer that never answers a ping is dropped within 90 s, one that does stays", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  try {
    const { url } = await relayFixture();
    const dead = new RawSocket(url);
    await dead.upgrade();
    dead.socket.write(frame(0x82, hello));
    const alive = await FrameClient.open(url);
    for (let second = 0; second < 90 && !dead.socket.closed; second += 1) {
      vi.advanceTimersByTime(1000);
      // The network is real: a round trip lets pings and pongs pass.
      await alive.ask({ type: "unsubscribe", logIds: [] });
    }
    await dead.ended;
    expect((await alive.ask({ type: "unsubscribe", logIds: [] })).type).toBe("done");
  } finally {
    vi.useRealTimers();
  }
});

test("two who are alone with a relay are pinged as seldom as thousands are, and left the time to answer", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  try {
    const { url } = await relayFixture();
    const busy = new RawSocket(url);
    await busy.upgrade();
    busy.socket.write(frame(0x82, hello));
    const other = await FrameClient.open(url);
    let pings = 0;
    other.socket.on("ping", () => (pings += 1));
    for (let second = 0; second < 59; second += 1) {
      vi.advanceTimersByTime(1000);
      await other.ask({ type: "unsubscribe", logIds: [] });
    }
    expect(pings).toBeLessThanOrEqual(2);
    expect(pings).toBeGreaterThan(0);
    expect(busy.socket.closed).toBe(false);
  } finally {
    vi.useRealTimers();
  }
});
