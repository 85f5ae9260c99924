import type { Change } from "./batch.ts";
import type { LogTable } from "./log-table.ts";
import type { Segment, SegmentList } from "./segment-list.ts";
import { buryLog } from "./segment-replay.ts";

/** What was decided is durable: readers see it from here on. `segment` is the one that its record is in. */
export function settleChange(
  { kind, log, place }: Change,
  segment: Segment | undefined,
  table: LogTable,
  segments: SegmentList,
): void {
  if (log === undefined) return;
  switch (kind) {
    case "none":
      return;
    case "create":
      log.settledEpochs = log.madeEpochs;
      table.nextSettled = log.number + 1;
      break;
    case "add":
      if (place === undefined) return;
      log.settledSeq += 1;
      if (place.commit) log.settledEpochs += 1;
      segment?.came(place);
      segment?.index?.add(place, log.number, false);
      break;
    case "destroy":
      buryLog(table, segments, log);
      return;
  }
  table.changed(log);
}

/** What was decided last of all that is not durable never happened. */
export function undoChange({ kind, log, place }: Change, table: LogTable): void {
  if (log === undefined) return;
  switch (kind) {
    case "none":
      break;
    case "create":
      table.forget(log);
      break;
    case "add":
      if (place === undefined) break;
      if (place.commit) log.reopenEpoch();
      log.entries.removeLast(place.seq);
      log.nextSeq = place.seq;
      table.count(log, place.length, -1);
      break;
    case "destroy":
      table.revive(log);
      break;
  }
}
