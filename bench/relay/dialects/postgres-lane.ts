import type { Heard, Lane, LaneSize, OpenLane } from "../load/lane.ts";
import { Wire, type Hear, type Place } from "../load/wire.ts";
import { numberAt, plainBody, PlainFrames } from "./plain-frames.ts";
import { ask } from "./two-wires.ts";

const TABLE = "CREATE TABLE entries (log integer, number bigint, body bytea, PRIMARY KEY (log, number))";
const INSERT =
  "INSERT INTO entries SELECT $1, $2 + t.i - 1, t.body FROM unnest($3::bytea[]) WITH ORDINALITY AS t(body, i)";
const READ = "SELECT body FROM entries WHERE log = $1 AND number >= $2 ORDER BY number";
const [INTEGER, BIGINT, BYTEA, BYTEA_ARRAY] = [23, 20, 17, 1001];
const VERSION_3 = 196_608;
const LENGTH_BYTES = 4;
const ERROR = 0x45;
const READY = 0x5a;
const NOTIFICATION = 0x41;
const ROW = 0x44;
/** How a command says that it is done and the next may come: a `ReadyForQuery` outside of a transaction. */
const IDLE = "Z\0\0\0\x05I";

/**
 * PostgreSQL, by its own protocol: everything of a pair that is ready goes into one multi-row insert, which commits with a
 * `NOTIFY`; the receiver hears it and reads what is new.
 */
export function postgresLanes({ window, bodyBytes }: LaneSize, place: Place): OpenLane {
  let table: Promise<void> | undefined;
  return async (index, heard) => {
    await (table ??= makeTable(place));
    const frame = Buffer.concat([int32(bodyBytes), Buffer.from(plainBody(bodyBytes))]);
    const frames = new PlainFrames(frame, window, [LENGTH_BYTES]);
    const sender = await connect(place);
    await ask(sender, Buffer.concat([parse("insert", INSERT, INTEGER, BIGINT, BYTEA_ARRAY), sync()]), IDLE);
    await ask(sender, Buffer.concat([parse("notify", `NOTIFY l${String(index)}`), sync()]), IDLE);
    const counts: number[] = [];
    sender.hear = hearCommits(counts, heard);
    sender.after = heard.told.bind(heard);
    let receiver: Wire | undefined;
    const lane: Lane = {
      frames,
      write: (bytes) => {
        const count = bytes.length / frames.frameBytes;
        counts.push(count);
        const array = Buffer.concat([int32(1), int32(0), int32(BYTEA), int32(count), int32(1)]);
        const parameters = [int32(index), int64(numberAt(bytes, LENGTH_BYTES))];
        const bound = bind("insert", parameters, array.length + bytes.length);
        const end = [int16(1), int16(1), execute(), bind("notify", []), int16(0), execute(), sync()];
        sender.writeAll([bound, array, bytes, Buffer.concat(end)]);
      },
      follow: async () => {
        receiver = await follow(place, index, heard);
      },
      close: () => {
        sender.destroy();
        receiver?.destroy();
      },
    };
    return lane;
  };
}

function hearCommits(counts: number[], heard: Heard): Hear {
  let answered = 0;
  return (bytes) =>
    takeMessages(bytes, (type) => {
      if (type !== READY) return;
      for (let left = counts.shift() ?? 0; left > 0; left -= 1) heard.acknowledged(answered++);
    });
}

/** Reads what is there, and then whatever a notification says has come. */
async function follow(place: Place, index: number, heard: Heard): Promise<Wire> {
  const wire = await connect(place);
  await ask(wire, Buffer.concat([parse("read", READ, INTEGER, BIGINT), sync()]), IDLE);
  await ask(
    wire,
    Buffer.concat([parse("", `LISTEN l${String(index)}`), bind("", []), int16(0), execute(), sync()]),
    IDLE,
  );
  let [next, reading, again] = [0, false, false];
  const read = (): void => {
    [reading, again] = [true, false];
    const bound = bind("read", [int32(index), int64(next)]);
    wire.write(Buffer.concat([bound, int16(1), int16(1), execute(), sync()]));
  };
  wire.hear = (bytes) =>
    takeMessages(bytes, (type, start) => {
      if (type === ROW) {
        const number = numberAt(bytes, start + 2 + LENGTH_BYTES);
        next = number + 1;
        heard.delivered(number);
      } else if (type === NOTIFICATION) again = true;
      else if (type === READY) reading = false;
      if (again && !reading) read();
    });
  wire.after = heard.told.bind(heard);
  read();
  return wire;
}

async function connect(place: Place): Promise<Wire> {
  const wire = await Wire.open(place, () => 0);
  const words = Buffer.from("user\0postgres\0database\0postgres\0\0");
  await ask(wire, Buffer.concat([int32(8 + words.length), int32(VERSION_3), words]), IDLE);
  return wire;
}

async function makeTable(place: Place): Promise<void> {
  const wire = await connect(place);
  const drop = "DROP TABLE IF EXISTS entries";
  for (const command of [drop, TABLE]) await ask(wire, message("Q", Buffer.from(`${command}\0`)), IDLE);
  wire.destroy();
}

/** @returns how many bytes the whole messages at the start are. */
function takeMessages(bytes: Buffer, take: (type: number, start: number) => void): number {
  let at = 0;
  while (bytes.length - at > LENGTH_BYTES) {
    const end = at + 1 + bytes.readInt32BE(at + 1);
    if (end > bytes.length) break;
    const type = bytes[at] ?? 0;
    if (type === ERROR) throw new RangeError(`PostgreSQL refused: ${bytes.toString("latin1", at + 5, end)}`);
    take(type, at + 1 + LENGTH_BYTES);
    at = end;
  }
  return at;
}

function message(type: string, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(type), int32(LENGTH_BYTES + body.length), body]);
}

function parse(name: string, query: string, ...types: readonly number[]): Buffer {
  return message("P", Buffer.from(`${name}\0${query}\0`), int16(types.length), ...types.map(int32));
}

/**
 * The start of a `Bind` with binary parameters. With `lastBytes` one more parameter follows, of that length. Behind it
 * come the formats of the result: `int16 count`, and so many.
 */
function bind(name: string, parameters: readonly Buffer[], lastBytes?: number): Buffer {
  const count = parameters.length + (lastBytes === undefined ? 0 : 1);
  const formats = count === 0 ? int16(0) : Buffer.concat([int16(1), int16(1)]);
  const body = [
    Buffer.from(`\0${name}\0`),
    formats,
    int16(count),
    ...parameters.flatMap((value) => [int32(value.length), value]),
  ];
  if (lastBytes !== undefined) body.push(int32(lastBytes));
  const start = Buffer.concat(body);
  // An insert's and a read's result formats are 4 bytes; a command without parameters has none.
  const resultBytes = count === 0 ? 2 : 4;
  const length = LENGTH_BYTES + start.length + (lastBytes ?? 0) + resultBytes;
  return Buffer.concat([Buffer.from("B"), int32(length), start]);
}

function execute(): Buffer {
  return message("E", Buffer.from("\0"), int32(0));
}

function sync(): Buffer {
  return message("S");
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}
