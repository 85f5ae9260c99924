import { createSeededFractions } from "@stonechat/testkit/seeded-fractions";
import type { SavedState } from "../../segments/segment-state.ts";
import { DiskModel, FATES, type DiskEvent, type DiskImage, type Fate } from "./disk-model.ts";
import { Ledger } from "./ledger.ts";

/** One folder as a power cut may leave it, and what the clients knew at that moment. */
export interface PowerCut {
  readonly image: DiskImage;
  /** What was saved beside the files. */
  readonly state: SavedState | undefined;
  readonly ledger: Ledger;
  /** Leads back to it: event, fate of bytes, fate of names. */
  readonly where: string;
}

/** How many images are made of a recording, and by which lots. */
export interface PowerCutPlan {
  readonly images: number;
  readonly seed: number;
  /** The power is not cut during so many events at the beginning. */
  readonly spared?: number;
  /** What may become of bytes; default: all of {@link FATES}. */
  readonly fates?: readonly Fate[];
  /** What clients knew before the recording. */
  readonly ledger?: Ledger;
}

/**
 * Goes through a recording and cuts the power after each event that touched the disk, as often as planned or a little more
 * in all, with fates by lot. Where nothing could be lost, one image says it all.
 */
export function* powerCuts(events: readonly DiskEvent[], plan: PowerCutPlan): Generator<PowerCut> {
  const { images, seed, spared = 0, ledger = new Ledger(), fates = FATES } = plan;
  const random = createSeededFractions(seed);
  const model = new DiskModel();
  const each = Math.ceil(images / Math.max(1, momentsOfDanger(events, spared)));
  let state: SavedState | undefined;
  let turn = 0;
  for (const [index, event] of events.entries()) {
    if (event.type === "saved") state = event.state;
    if (event.type === "journal") {
      ledger.note(event.item);
      continue;
    }
    model.apply(event);
    const { volatile } = model;
    if (index < spared || (!volatile && event.type !== "synced" && event.type !== "saved")) continue;
    for (let n = 0; n < (volatile ? each : 1); n += 1) {
      // In turn, so that each moment meets another choice; names go their own way.
      const bytes = fates[turn % fates.length] ?? "drop";
      const names = FATES[Math.floor(random() * 4)] ?? "drop";
      turn += 1;
      yield { image: model.image(bytes, names, random), state, ledger, where: place(index, bytes, names) };
    }
  }
}

/** A recording of how this folder came about, with everything in it durable. Files are numbered from 1, in order. */
export function* recordingOf(image: DiskImage): Generator<DiskEvent> {
  let id = 1_000_000;
  let file = 0;
  for (const [name, bytes] of image) {
    file += 1;
    const link = (id += 1);
    yield { type: "change", id: link, change: { kind: "link", file, name } };
    yield { type: "done", id: link };
    const write = (id += 1);
    yield { type: "change", id: write, change: { kind: "write", file, at: 0, bytes } };
    yield { type: "done", id: write };
    const sync = (id += 1);
    yield { type: "sync", id: sync, of: file };
    yield { type: "synced", id: sync };
  }
  yield { type: "sync", id, of: "folder" };
  yield { type: "synced", id };
}

function momentsOfDanger(events: readonly DiskEvent[], spared: number): number {
  const model = new DiskModel();
  let moments = 0;
  for (const [index, event] of events.entries()) {
    model.apply(event);
    if (index >= spared && event.type !== "journal" && model.volatile) moments += 1;
  }
  return moments;
}

function place(index: number, bytes: Fate, names: Fate): string {
  return `event ${String(index)}, bytes ${bytes}, names ${names}`;
}
