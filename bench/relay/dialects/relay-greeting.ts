import { replyFrame, requestFrame, SOCKET_PATH, SUBPROTOCOL, type Request } from "@stonechat/protocol";
import { frameOf, ServerClosed, takeFrames, upgradeAnswerBytes, upgradeRequest } from "../load/web-socket.ts";
import { Wire, type Hear, type Place } from "../load/wire.ts";

const VERSIONS = { minVersion: 1, maxVersion: 1 };

/**
 * Connects to a relay, upgrades, greets and asks, all in one go. Resolves when everything is answered; what comes behind
 * the last answer is for `next`.
 *
 * @throws the system's error, ServerClosed, or RangeError if a request is refused.
 */
export async function openGreeted(
  place: Place,
  requests: readonly Request[],
  next: (wire: Wire) => Hear,
): Promise<Wire> {
  const asked: readonly Request[] = [{ type: "hello", ...VERSIONS }, ...requests];
  const greeted = Promise.withResolvers<undefined>();
  const wire: Wire = await Wire.open(place, (bytes) => {
    try {
      return hear(bytes);
    } catch (error) {
      greeted.reject(error);
      wire.destroy();
      return bytes.length;
    }
  });
  const hear = hearAnswers(asked.length, () => {
    wire.hear = next(wire);
    greeted.resolve(undefined);
  });
  wire.ended = () => {
    greeted.reject(new ServerClosed(0));
  };
  wire.write(upgradeRequest(`${place.host}:${String(place.port)}`, SOCKET_PATH, SUBPROTOCOL));
  wire.write(Buffer.concat(asked.map((request, i) => frameOf(requestFrame.encode({ requestId: i + 1, request })))));
  await greeted.promise;
  return wire;
}

/** For a connection that wants nothing: answers pings, so that it is kept. */
export function onlyPings(wire: Wire): Hear {
  return (bytes) =>
    takeFrames(bytes, nothing, (pong) => {
      wire.write(pong);
    });
}

/** Hears the answers of the beginning: the handshake's, and then so many replies, none of which may be a refusal. */
function hearAnswers(count: number, done: () => void): Hear {
  let [upgraded, left] = [false, count];
  return (bytes) => {
    let at = 0;
    if (!upgraded) {
      at = upgradeAnswerBytes(bytes);
      if (at === 0) return 0;
      upgraded = true;
    }
    const used = takeFrames(
      bytes.subarray(at),
      (payload, start, end) => {
        const { reply } = replyFrame.decode(new Uint8Array(payload.subarray(start, end)));
        if (reply.type === "error") throw new RangeError(`refused: ${reply.code}`);
        if (reply.type === "subscribed" && reply.outcomes.some(({ type }) => type !== "subscribed"))
          throw new RangeError("a log is not known any more");
        left -= 1;
        if (left === 0) done();
        return left > 0; // behind the last answer another hears
      },
      nothing,
    );
    return at + used;
  };
}

function nothing(): void {
  // Not wanted, or not yet.
}
