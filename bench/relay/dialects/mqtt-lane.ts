import type { Frames, LaneSize, OpenLane } from "../load/lane.ts";
import type { Hear, Place, Wire } from "../load/wire.ts";
import { numberAt, plainBody, PlainFrames, writeNumber } from "./plain-frames.ts";
import { twoWires } from "./two-wires.ts";

/** Packet types with their flags (MQTT 3.1.1 §2.2). */
const CONNECT = 0x10;
const PUBLISH_QOS_1 = 0x32;
const PUBACK = 0x40;
const SUBSCRIBE = 0x82;
const [CONNACK_TYPE, PUBLISH_TYPE, PUBACK_TYPE, SUBACK_TYPE] = [2, 3, 4, 9];
const CLEAN_SESSION = 2;
const PACKET_IDS = 65_535;

/** MQTT 3.1.1 with quality of service 1 both ways, and a receiver whose session outlives its connection. */
export function mqttLanes({ window, bodyBytes }: LaneSize, place: Place): OpenLane {
  return (index, heard) => {
    const topic = text(`t/${String(index)}`);
    const body = plainBody(bodyBytes);
    const frame = packet(PUBLISH_QOS_1, topic, Buffer.alloc(2), Buffer.from(body));
    const frames = new PublishFrames(frame, window, frame.length - bodyBytes);
    let answered = 0;
    const greet = (name: string, flags: number) => (wire: Wire) => {
      const connect = packet(CONNECT, text("MQTT"), Buffer.from([4, flags, 0, 0]), text(`${name}${String(index)}`));
      return waitFor(wire, connect, CONNACK_TYPE);
    };
    return twoWires(
      {
        ...{ frames, place },
        greetSender: greet("s", CLEAN_SESSION),
        greetReceiver: async (wire) => {
          await greet("r", 0)(wire);
          await waitFor(wire, packet(SUBSCRIBE, Buffer.from([0, 1]), topic, Buffer.from([1])), SUBACK_TYPE);
        },
        hearSender: () => (bytes) =>
          takePackets(bytes, (type) => {
            if (type === PUBACK_TYPE) heard.acknowledged(answered++);
          }),
        hearReceiver: (wire) => hearPublished(wire, topic.length, heard.delivered.bind(heard)),
      },
      heard,
    );
  };
}

/** Answers all that one read brought by one write. */
function hearPublished(wire: Wire, topicBytes: number, delivered: (number: number) => void): Hear {
  return (bytes) => {
    const answers: number[] = [];
    const used = takePackets(bytes, (type, packetBytes, start) => {
      if (type !== PUBLISH_TYPE) return;
      const at = start + topicBytes;
      answers.push(PUBACK, 2, packetBytes[at] ?? 0, packetBytes[at + 1] ?? 0);
      delivered(numberAt(packetBytes, at + 2));
    });
    if (answers.length > 0) wire.write(Buffer.from(answers));
    return used;
  };
}

class PublishFrames implements Frames {
  readonly bytes: Buffer;
  readonly frameBytes: number;
  readonly #plain: PlainFrames;
  readonly #bodyAt: number;

  constructor(frame: Buffer, window: number, bodyAt: number) {
    this.#plain = new PlainFrames(frame, window, []);
    [this.bytes, this.frameBytes, this.#bodyAt] = [this.#plain.bytes, frame.length, bodyAt];
  }

  stamp(slot: number, number: number): void {
    const start = slot * this.frameBytes;
    this.bytes.writeUInt16BE((number % PACKET_IDS) + 1, start + this.#bodyAt - 2);
    writeNumber(this.bytes, start + this.#bodyAt, number);
  }
}

async function waitFor(wire: Wire, say: Buffer, wanted: number): Promise<void> {
  const answered = Promise.withResolvers<undefined>();
  const keepAll: Hear = () => 0;
  wire.hear = (bytes) => {
    let found = false;
    const used = takePackets(bytes, (type) => {
      found ||= type === wanted;
      return !found;
    });
    if (!found) return used;
    wire.hear = keepAll;
    answered.resolve(undefined);
    return used;
  };
  wire.write(say);
  await answered.promise;
}

/** Goes through whole packets until `take` answers false. @returns how many bytes they are. */
function takePackets(bytes: Buffer, take: (type: number, bytes: Buffer, start: number) => unknown): number {
  let at = 0;
  for (;;) {
    let [length, shift, start] = [0, 0, at + 1];
    for (;;) {
      const byte = bytes[start];
      if (byte === undefined) return at;
      length |= (byte & 127) << shift;
      [shift, start] = [shift + 7, start + 1];
      if (byte < 128) break;
    }
    if (start + length > bytes.length) return at;
    const more = take((bytes[at] ?? 0) >> 4, bytes, start);
    at = start + length;
    if (more === false) return at;
  }
}

function packet(first: number, ...parts: readonly Uint8Array[]): Buffer {
  const rest = Buffer.concat(parts);
  const length: number[] = [];
  for (let left = rest.length; length.length === 0 || left > 0; left >>= 7)
    length.push((left & 127) | (left > 127 ? 128 : 0));
  return Buffer.concat([Buffer.from([first, ...length]), rest]);
}

function text(value: string): Buffer {
  return Buffer.concat([Buffer.from([value.length >> 8, value.length & 255]), Buffer.from(value, "latin1")]);
}
