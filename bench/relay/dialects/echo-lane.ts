import { randomFillSync } from "node:crypto";
import type { LogId, Token } from "@stonechat/protocol";
import type { Heard, Lane, LaneSize, OpenLane } from "../load/lane.ts";
import { takeFrames, upgradeAnswerBytes, upgradeRequest } from "../load/web-socket.ts";
import { Wire, type Hear, type Place } from "../load/wire.ts";
import { AppendFrames, FIRST_REQUEST_ID } from "./relay-frames.ts";

/** Lanes at a server that sends each frame back: the same frames as the relay gets, and a receiver that is the sender. */
export function echoLanes(size: LaneSize, place: Place): OpenLane {
  return async (_index, heard) => {
    const [logId, token] = [randomFillSync(new Uint8Array(32)) as LogId, randomFillSync(new Uint8Array(32)) as Token];
    const frames = new AppendFrames(logId, token, size);
    const wire = await open(place, heard);
    const lane: Lane = {
      frames,
      write: (bytes) => {
        wire.write(bytes);
      },
      follow: () => Promise.resolve(),
      close: () => {
        wire.destroy();
      },
    };
    return lane;
  };
}

async function open(place: Place, heard: Heard): Promise<Wire> {
  const upgraded = Promise.withResolvers<undefined>();
  const hear: Hear = (bytes) =>
    takeFrames(
      bytes,
      (payload, start) => {
        const number = payload.readUInt32BE(start) - FIRST_REQUEST_ID;
        heard.acknowledged(number);
        heard.delivered(number);
      },
      (pong) => {
        wire.write(pong);
      },
    );
  const wire: Wire = await Wire.open(place, (bytes) => {
    const used = upgradeAnswerBytes(bytes);
    if (used > 0) {
      wire.hear = hear;
      upgraded.resolve(undefined);
    }
    return used;
  });
  wire.after = () => {
    heard.told();
  };
  wire.write(upgradeRequest(`${place.host}:${String(place.port)}`, "/"));
  await upgraded.promise;
  return wire;
}
