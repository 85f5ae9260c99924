import { setTimeout as sleep } from "node:timers/promises";
import type { Row } from "../../row.ts";
import { Generator } from "../load/generator.ts";
import { memoryOf } from "../memory.ts";
import { startRelayChild } from "../relay-child.ts";
import { BODY_BYTES, type Scale } from "../scale.ts";

const SOCKETS = { small: 5000, full: 15_000 };
/** The first sockets pay for what is there once. */
const WARM_SOCKETS = 200;
const SETTLE_MS = 5000;
const TARGET_KIB = 8;
const KIB = 1024;

/** Memory of the relay for connections that do nothing: greeted only, and with one log of its own each. */
export async function benchIdle({ full }: Scale): Promise<Row[]> {
  const count = full ? SOCKETS.full : SOCKETS.small;
  const greeted = await bytesEach(count, (target, sockets) => Generator.hold(target, sockets));
  // A pair is two connections and one log that one of them follows.
  const members = await bytesEach(count, (target, sockets) =>
    Generator.open(target, { pairs: sockets / 2, window: 1, bodyBytes: BODY_BYTES }),
  );
  const sockets = count.toLocaleString("en");
  return [
    {
      what: `memory of the relay for each of ${sockets} idle connections, no TLS`,
      measured: greeted / KIB,
      unit: "KiB",
      target: { of: "measured", atMost: TARGET_KIB },
    },
    {
      what: "the same, half of them following a log that the other half writes to, none written yet",
      measured: members / KIB,
      unit: "KiB",
    },
  ];
}

type Open = (target: Parameters<typeof Generator.hold>[0], sockets: number) => Promise<Generator>;

async function bytesEach(count: number, open: Open): Promise<number> {
  await using stack = new AsyncDisposableStack();
  const relay = await startRelayChild();
  stack.defer(() => relay.stop());
  stack.use(await open(relay.target, WARM_SOCKETS));
  await sleep(SETTLE_MS);
  const before = memoryOf(relay.pid);
  stack.use(await open(relay.target, count));
  await sleep(SETTLE_MS);
  return (memoryOf(relay.pid) - before) / count;
}
