import { initCrypto } from "@stonechat/crypto/issuer";
import { Generator } from "../../relay/load/generator.ts";
import { placeOf, startRelayChild } from "../../relay/relay-child.ts";
import { BODY_BYTES } from "../../relay/scale.ts";
import type { FrontsCosts } from "../costs.ts";
import { toFrontTime } from "./codec-time.ts";
import { createLogs, followLogs } from "./followed-logs.ts";
import { costsOf, descendantsOf } from "./processor-time.ts";

const RATE = 3000;
const SECONDS = 4;
const WARM_UP_SECONDS = 2;
const PAIRS = 1000;
const WINDOW = 16;
const FRONTS = 2;
const LOGS = 3000;
const LOGS_EACH = 100;

/**
 * A load over two fronts. What each further front would cost is too little to show in it, and is measured as what it is:
 * a message with the entry, encoded here and decoded there.
 */
export async function measureFronts(store: string): Promise<FrontsCosts> {
  await initCrypto();
  const told = toFrontTime();
  const settings = { fronts: String(FRONTS), ...(store === "usual" ? {} : { store }) };
  const relay = await startRelayChild([], settings);
  try {
    const groups = [[relay.pid], descendantsOf(relay.pid)];
    const place = placeOf(relay.url);
    await createLogs(place, 0, LOGS, LOGS_EACH);
    const [hubSubscribe, frontSubscribe] = await costsOf(groups, LOGS, async () => {
      for (const wire of await followLogs(place, 0, LOGS, LOGS_EACH)) wire.destroy();
    });
    await using load = await Generator.open(relay.target, { pairs: PAIRS, window: WINDOW, bodyBytes: BODY_BYTES });
    await load.paced(RATE, WARM_UP_SECONDS, 0);
    const [hubEntry, frontEntry] = await costsOf(groups, RATE * SECONDS, () => load.paced(RATE, SECONDS, 0));
    if (!hubEntry || !frontEntry || !hubSubscribe || !frontSubscribe) throw new RangeError("two groups, two costs");
    const [hubTold, frontTold] = [told.encode, told.decode].map((micros) => ({ main: micros, all: micros }));
    if (!hubTold || !frontTold) throw new RangeError("two times, two costs");
    return { hubEntry, frontEntry, hubTold, frontTold, hubSubscribe, frontSubscribe };
  } finally {
    await relay.stop();
  }
}
