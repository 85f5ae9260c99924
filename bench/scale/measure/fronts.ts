import { initCrypto } from "@stonechat/crypto/issuer";
import { Generator } from "../../relay/load/generator.ts";
import { familyOf } from "../../relay/memory.ts";
import { placeOf, startRelayChild, type RelayChild } from "../../relay/relay-child.ts";
import { BODY_BYTES } from "../../relay/scale.ts";
import type { Cost, FrontsCosts } from "../costs.ts";
import { createLogs, followLogs } from "./followed-logs.ts";
import { costsOf, less, times } from "./processor-time.ts";

const RATE = 3000;
const SECONDS = 4;
const WARM_UP_SECONDS = 2;
const PAIRS = 64;
const WINDOW = 256;
const FEW = 2;
const MANY = 4;
const LOGS = 3000;
const LOGS_EACH = 100;

interface Measured {
  readonly hub: Cost;
  /** All fronts together. */
  readonly fronts: Cost;
  readonly hubSubscribe: Cost;
  readonly frontSubscribe: Cost;
}

/** The same load over few and over more fronts: what differs is the telling of what the others' clients stored. */
export async function measureFronts(store: string): Promise<FrontsCosts> {
  await initCrypto();
  const few = await measureWith(FEW, store);
  const many = await measureWith(MANY, store);
  const further = 1 / (MANY - FEW);
  const hubTold = times(less(many.hub, few.hub), further);
  const frontTold = times(less(many.fronts, few.fronts), further);
  return {
    ...{ hubTold, frontTold, hubEntry: few.hub, frontEntry: less(few.fronts, frontTold) },
    ...{ hubSubscribe: few.hubSubscribe, frontSubscribe: few.frontSubscribe },
  };
}

async function measureWith(fronts: number, store: string): Promise<Measured> {
  const settings = { fronts: String(fronts), ...(store === "usual" ? {} : { store }) };
  const relay = await startRelayChild([], settings);
  try {
    const groups = [[relay.pid], frontsOf(relay)];
    const place = placeOf(relay.url);
    await createLogs(place, 0, LOGS, LOGS_EACH);
    const [hubSubscribe, frontSubscribe] = await costsOf(groups, LOGS, async () => {
      for (const wire of await followLogs(place, 0, LOGS, LOGS_EACH)) wire.destroy();
    });
    await using load = await Generator.open(relay.target, { pairs: PAIRS, window: WINDOW, bodyBytes: BODY_BYTES });
    await load.paced(RATE, WARM_UP_SECONDS, 0);
    const [hub, all] = await costsOf(groups, RATE * SECONDS, () => load.paced(RATE, SECONDS, 0));
    if (hub === undefined || all === undefined || hubSubscribe === undefined || frontSubscribe === undefined)
      throw new RangeError("two groups in, two costs out");
    return { hub, fronts: all, hubSubscribe, frontSubscribe };
  } finally {
    await relay.stop();
  }
}

function frontsOf({ pid }: RelayChild): readonly number[] {
  return familyOf(pid).filter((each) => each !== pid);
}
