import type { LaneSize, OpenLane } from "../load/lane.ts";
import type { Hear, Place } from "../load/wire.ts";
import { numberAt, plainBody, PlainFrames } from "./plain-frames.ts";
import { ask, twoWires } from "./two-wires.ts";

const MINUS = 0x2d;
const DOLLAR = 0x24;
const COLON = 0x3a;

/** Redis (RESP 2): a message is kept by `XADD` to a stream of its pair and told to the receiver by `PUBLISH`. */
export function redisLanes({ window, bodyBytes }: LaneSize, place: Place): OpenLane {
  return (index, heard) => {
    const [log, channel, body] = [`log:${String(index)}`, `ch:${String(index)}`, plainBody(bodyBytes)];
    const add = command("XADD", log, "*", "b", body);
    const frame = add + command("PUBLISH", channel, body);
    const pushed = command("message", channel, body);
    const frames = new PlainFrames(Buffer.from(frame), window, [add.indexOf(body), frame.lastIndexOf(body)]);
    let answered = 0;
    const hearSender: Hear = (bytes) => {
      let at = 0;
      for (;;) {
        const end = bytes.indexOf("\r\n", at, "latin1");
        if (end < 0) return at;
        const type = bytes[at];
        if (type === MINUS) throw new RangeError(`Redis refused: ${bytes.toString("latin1", at, end)}`);
        let next = end + 2;
        if (type === DOLLAR) next += Number(bytes.toString("latin1", at + 1, end)) + 2; // the id of a new entry
        if (next > bytes.length) return at;
        if (type === COLON) heard.acknowledged(answered++);
        at = next;
      }
    };
    const hearReceiver: Hear = (bytes) => {
      let at = 0;
      for (; at + pushed.length <= bytes.length; at += pushed.length)
        heard.delivered(numberAt(bytes, at + pushed.length - 2 - bodyBytes));
      return at;
    };
    return twoWires(
      {
        ...{ frames, place },
        greetSender: (wire) => ask(wire, command("PING"), "PONG\r\n"),
        greetReceiver: (wire) => ask(wire, command("SUBSCRIBE", channel), "\r\n:1\r\n"),
        hearSender: () => hearSender,
        hearReceiver: () => hearReceiver,
      },
      heard,
    );
  };
}

function command(...words: readonly string[]): string {
  return `*${String(words.length)}\r\n${words.map((word) => `$${String(word.length)}\r\n${word}\r\n`).join("")}`;
}
