import type { Frames, Heard, Lane } from "../load/lane.ts";
import { Wire, type Hear, type Place } from "../load/wire.ts";

/** What is said and heard on a sender's and a receiver's connection. */
export interface TwoWires {
  readonly frames: Frames;
  readonly place: Place;
  readonly greetSender: (wire: Wire) => Promise<unknown>;
  readonly greetReceiver: (wire: Wire) => Promise<unknown>;
  readonly hearSender: (wire: Wire) => Hear;
  readonly hearReceiver: (wire: Wire) => Hear;
}

/** A lane at a server to which sender and receiver each have one plain connection. Losing it is the end of the load. */
export async function twoWires(parts: TwoWires, heard: Heard): Promise<Lane> {
  const wires: Wire[] = [];
  const open = async (greet: TwoWires["greetSender"], hear: TwoWires["hearSender"]): Promise<Wire> => {
    const wire = await Wire.open(parts.place, keepAll);
    wires.push(wire);
    await greet(wire);
    wire.hear = hear(wire);
    wire.after = () => {
      heard.told();
    };
    return wire;
  };
  const sender = await open(parts.greetSender, parts.hearSender);
  return {
    frames: parts.frames,
    write: (bytes) => {
      sender.write(bytes);
    },
    follow: async () => {
      await open(parts.greetReceiver, parts.hearReceiver);
    },
    close: () => {
      for (const wire of wires) wire.destroy();
    },
  };
}

/** Says something and waits for words that must come. What comes behind them is for whoever hears next. */
export async function ask(wire: Wire, say: string | Uint8Array, until: string): Promise<string> {
  const answer = Promise.withResolvers<string>();
  wire.ended = () => {
    answer.reject(new RangeError(`the connection ended before: ${until}`));
  };
  wire.hear = (bytes) => {
    const found = bytes.indexOf(until, 0, "latin1");
    const refusal = /(<failure|^-ERR|type='error'|SERROR)[^]{0,200}/m.exec(bytes.toString("latin1"))?.[0];
    if (refusal !== undefined) answer.reject(new RangeError(`refused: ${refusal}`));
    if (found < 0) return 0;
    wire.hear = keepAll;
    answer.resolve(bytes.toString("latin1", 0, found + until.length));
    return found + until.length;
  };
  wire.write(typeof say === "string" ? Buffer.from(say, "latin1") : say);
  const text = await answer.promise;
  wire.ended = () => {
    // The load ends it.
  };
  return text;
}

/** Hears nothing yet. */
const keepAll: Hear = () => 0;
