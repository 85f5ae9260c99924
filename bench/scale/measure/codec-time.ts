import { systemRandom } from "@stonechat/crypto/issuer";
import type { EntryId } from "@stonechat/protocol";
import { toFrontBatch, type ToFront } from "../../../packages/relay/src/fronts/link-messages.ts";
import {
  toWakeUp,
  WAKE_UPS_VERSION,
  wakeUpBatch,
  type WakeUp,
} from "../../../packages/relay/src/nats/wake-up-batch.ts";
import type { StoredEntry } from "../../../packages/relay/src/service/wake-ups.ts";
import { BODY_BYTES } from "../../relay/scale.ts";
import { benchLog } from "../../relay/stores/bench-log.ts";

/** So many entries travel together where much is going on. */
const ENTRIES = 16;
const REPEATS = 6000;

/** Processor time for one entry of 1 KiB in a batch, in microseconds, measured in this process. */
export interface CodecTime {
  readonly encode: number;
  readonly decode: number;
}

/** What one relay tells the others over NATS. `initCrypto` must have been awaited. */
export function wakeUpTime(): CodecTime {
  const wakeUps: readonly WakeUp[] = entries().map(toWakeUp);
  const bytes = wakeUpBatch.encode({ version: WAKE_UPS_VERSION, wakeUps });
  return {
    encode: timeOf(() => wakeUpBatch.encode({ version: WAKE_UPS_VERSION, wakeUps })),
    decode: timeOf(() => wakeUpBatch.decode(bytes)),
  };
}

/** What the process with the store tells a front. `initCrypto` must have been awaited. */
export function toFrontTime(): CodecTime {
  const items: readonly ToFront[] = entries().map((stored) => ({ type: "stored", ...stored }));
  const bytes = toFrontBatch.encode(items);
  return { encode: timeOf(() => toFrontBatch.encode(items)), decode: timeOf(() => toFrontBatch.decode(bytes)) };
}

function entries(): readonly StoredEntry[] {
  const { logId } = benchLog(0);
  const random = systemRandom();
  return Array.from({ length: ENTRIES }, (_, seq) => {
    const entryId = random.bytes(16) as EntryId; // 16 bytes, as entry ids have
    const entry = { seq, kind: "message", entryId, expiresAt: 1, body: random.bytes(BODY_BYTES) } as const;
    return { logId, epoch: 0, entry };
  });
}

function timeOf(work: () => unknown): number {
  for (let i = 0; i < REPEATS / 4; i += 1) work();
  const before = process.cpuUsage();
  for (let i = 0; i < REPEATS; i += 1) work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / (REPEATS * ENTRIES);
}
