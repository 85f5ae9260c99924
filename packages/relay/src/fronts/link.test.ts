import { duplexPair } from "node:stream";
import { fc, test as propertyTest } from "@fast-check/vitest";
import { expect } from "vitest";
import { Link } from "./link.ts";

propertyTest.prop([fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 20 }), fc.integer({ min: 1, max: 700 })])(
  "messages arrive whole and in order, however the stream is cut",
  async (messages, cut) => {
    const [wire, far] = duplexPair();
    const bytes: Buffer[] = [];
    wire.on("data", (data: Buffer) => bytes.push(data));
    const sender = new Link(
      far,
      () => undefined,
      () => undefined,
    );
    for (const message of messages) sender.send(message);
    const total = messages.reduce((sum, { length }) => sum + length + 4, 0);
    while (bytes.reduce((sum, { length }) => sum + length, 0) < total) await new Promise(setImmediate);

    const [source, here] = duplexPair();
    const got: Uint8Array[] = [];
    const ended = new Promise<void>((resolve) => {
      new Link(here, (message) => got.push(message), resolve);
    });
    const all = Buffer.concat(bytes);
    for (let at = 0; at < all.length; at += cut) source.write(all.subarray(at, at + cut));
    source.end();
    here.once("end", () => here.destroy());
    await ended;
    expect(got).toEqual(messages);
  },
);
