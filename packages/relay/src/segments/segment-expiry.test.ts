import { expect, test } from "vitest";
import { logId } from "../testing/service-fixture.ts";
import type { EntryPlace } from "./entry-table.ts";
import { LogTable } from "./log-table.ts";
import { SegmentExpiry } from "./segment-expiry.ts";
import { recordBytes } from "./segment-format.ts";
import { SegmentIndex } from "./segment-index.ts";
import { Segment, SegmentList } from "./segment-list.ts";
import { newEpoch, SegmentLog } from "./segment-log.ts";
import { placeEntry } from "./segment-replay.ts";

const HASH = new Uint8Array(32);
const NOW = 1000;
const SOON = NOW + 10;
const LATER = NOW + 1e9;

function place(seq: number, at: number, expiresAt: number): EntryPlace {
  return { seq, segment: 1, at, length: 0, commit: false, expiresAt, fingerprint: seq };
}

test("entries of a segment that was copied while its index was read still expire when they are due", async () => {
  const [table, segments] = [new LogTable(), new SegmentList()];
  const epochs = [newEpoch(HASH, HASH, 0)];
  const state = { number: 1, logId: logId(1), ownerHash: undefined, firstEpoch: 0, epochs, nextSeq: 3 };
  const log = new SegmentLog(state, true);
  table.add(log);
  const before = new SegmentIndex();
  const segment = new Segment(1, { mark: 1, seed: 1 }, 1000, before);
  segments.add(segment);
  for (const [seq, expiresAt] of [NOW, SOON, LATER].entries()) {
    const entry = place(seq, 48 + seq * recordBytes(0, false), expiresAt);
    before.add(entry, 1, false);
    placeEntry(table, log, entry);
    segment.came(entry);
  }
  let copied = false;
  const expiry = new SegmentExpiry({
    ...{ table, segments, breathe: () => Promise.resolve() },
    elapsed: () => 0,
    loadIndex: () => {
      if (copied) return Promise.resolve(segment.index);
      copied = true;
      // What is not due yet moves to the front of a new file.
      const after = new SegmentIndex();
      for (const seq of [1, 2]) {
        const index = log.entries.find(seq);
        const at = 48 + (seq - 1) * recordBytes(0, false);
        after.add(place(seq, at, log.entries.expiresAt(index)), 1, false);
        log.entries.move(index, at);
      }
      segment.salt = { mark: 2, seed: 2 };
      segment.index = after;
      return Promise.resolve(before);
    },
  });
  await expiry.expire(NOW, 100);
  await expiry.expire(SOON, 100);
  await expiry.expire(LATER, 100);
  expect(log.entries.find(1)).toBe(-1);
  expect(log.entries.find(2)).toBe(-1);
});
