import type { LaneSize, OpenLane } from "../load/lane.ts";
import { Wire, type Hear, type Place } from "../load/wire.ts";
import { numberAt, plainBody, PlainFrames } from "./plain-frames.ts";
import { ask, twoWires } from "./two-wires.ts";

const CONNECT = 'CONNECT {"verbose":false,"pedantic":false,"headers":true,"no_responders":true}\r\nPING\r\n';
const STREAM = { name: "logs", subjects: ["log.*"], storage: "file", retention: "limits", num_replicas: 1 };
const MESSAGE = 0x4d; // the M of MSG
const HEADERS = 0x48; // the H of HMSG

/** NATS JetStream: one stream in files; an answer of its own acknowledges each message, a push consumer brings it. */
export function natsLanes({ window, bodyBytes }: LaneSize, place: Place): OpenLane {
  let stream: Promise<void> | undefined;
  return async (index, heard) => {
    await (stream ??= request(place, "$JS.API.STREAM.CREATE.logs", STREAM));
    const [subject, answers, pushed] = [`log.${String(index)}`, `ack.${String(index)}`, `dlv.${String(index)}`];
    const body = plainBody(bodyBytes);
    const head = `PUB ${subject} ${answers} ${String(bodyBytes)}\r\n`;
    const frames = new PlainFrames(Buffer.from(`${head}${body}\r\n`), window, [head.length]);
    let answered = 0;
    const consumer = {
      stream_name: STREAM.name,
      config: {
        ...{ durable_name: `c${String(index)}`, filter_subject: subject, deliver_subject: pushed },
        ...{ deliver_policy: "all", ack_policy: "none", replay_policy: "instant" },
      },
    };
    const consumerSubject = `$JS.API.CONSUMER.DURABLE.CREATE.${STREAM.name}.c${String(index)}`;
    return twoWires(
      {
        ...{ frames, place },
        greetSender: async (wire) => {
          await ask(wire, CONNECT, "PONG\r\n");
          await ask(wire, `SUB ${answers} 1\r\nPING\r\n`, "PONG\r\n");
        },
        greetReceiver: async (wire) => {
          await ask(wire, CONNECT, "PONG\r\n");
          await ask(wire, `SUB ${pushed} 1\r\nPING\r\n`, "PONG\r\n");
          await request(place, consumerSubject, consumer);
        },
        hearSender: (wire) =>
          hearMessages(wire, (bytes, start, end) => {
            if (bytes.subarray(start, end).includes("error")) throw new RangeError("JetStream refused");
            heard.acknowledged(answered++);
          }),
        hearReceiver: (wire) =>
          hearMessages(wire, (bytes, start) => {
            heard.delivered(numberAt(bytes, start));
          }),
      },
      heard,
    );
  };
}

/** Asks JetStream for something by a connection of its own. */
async function request(place: Place, subject: string, what: unknown): Promise<void> {
  const wire = await Wire.open(place, () => 0);
  const json = JSON.stringify(what);
  await ask(wire, `${CONNECT}SUB answer 1\r\n`, "PONG\r\n");
  const answer = ask(wire, `PUB ${subject} answer ${String(json.length)}\r\n${json}\r\n`, "}\r\n");
  if ((await answer).includes('"error"')) throw new RangeError(`JetStream refused: ${await answer}`);
  wire.destroy();
}

/** `MSG subject sid [reply] bytes`, the payload, and now and then a `PING`. */
function hearMessages(wire: Wire, take: (bytes: Buffer, start: number, end: number) => void): Hear {
  return (bytes) => {
    let at = 0;
    for (;;) {
      const lineEnd = bytes.indexOf(0x0a, at) + 1;
      if (lineEnd === 0) return at;
      const first = bytes[at];
      if (first === MESSAGE || first === HEADERS) {
        const size = Number(bytes.toString("latin1", bytes.lastIndexOf(0x20, lineEnd) + 1, lineEnd - 2));
        const end = lineEnd + size;
        if (end + 2 > bytes.length) return at;
        take(bytes, lineEnd, end);
        at = end + 2;
      } else {
        const line = bytes.toString("latin1", at, lineEnd);
        if (line.startsWith("PING")) wire.write(Buffer.from("PONG\r\n"));
        if (line.startsWith("-ERR")) throw new RangeError(`NATS refused: ${line}`);
        at = lineEnd;
      }
    }
  };
}
