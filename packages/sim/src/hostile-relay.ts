import { replyFrame } from "@stonechat/protocol";
import type { Lots } from "./lots.ts";
import type { Meddle } from "./network.ts";

type Entries = Extract<ReturnType<typeof replyFrame.decode>["reply"], { readonly type: "entries" }>;

/**
 * A relay that lies about its logs: it drops, repeats, swaps, changes and invents entries, another way for each device.
 */
export function hostileRelay(lots: Lots): (device: string) => Meddle {
  const rate = 0.02 + lots.fraction() * 0.1;
  const seen: Entries[] = [];
  return () => (frame) => {
    const { requestId, reply } = replyFrame.decode(frame);
    if (reply.type !== "entries" || requestId !== 0) return [frame];
    if (reply.entries.length > 0) seen.push(reply);
    if (!lots.chance(rate)) return [frame];
    const show = (shown: Entries): Uint8Array => replyFrame.encode({ requestId: 0, reply: shown });
    switch (lots.between(0, 6)) {
      case 0:
        return [];
      case 1:
        return [frame, frame];
      case 2:
        return [show({ ...reply, entries: reply.entries.toReversed() })];
      case 3:
        return [
          show({ ...reply, entries: reply.entries.map((entry) => ({ ...entry, body: flipped(lots, entry.body) })) }),
        ];
      case 4: {
        const old = lots.pick(seen) ?? reply;
        return [
          show({ ...old, logId: reply.logId, entries: old.entries.map((entry) => ({ ...entry, seq: entry.seq + 1 })) }),
          frame,
        ];
      }
      case 5:
        return [
          show({
            ...reply,
            entries: reply.entries.map((entry) => ({
              ...entry,
              kind: entry.kind === "commit" ? ("message" as const) : ("commit" as const),
            })),
          }),
        ];
      default:
        return [
          show({
            ...reply,
            entries: reply.entries.map((entry) => ({ ...entry, seq: entry.seq + lots.between(1, 3) })),
          }),
        ];
    }
  };
}

function flipped(lots: Lots, body: Uint8Array): Uint8Array {
  const copy = body.slice();
  const at = lots.between(0, Math.max(0, copy.length - 1));
  copy[at] = (copy[at] ?? 0) ^ (1 << lots.between(0, 7));
  return copy;
}
