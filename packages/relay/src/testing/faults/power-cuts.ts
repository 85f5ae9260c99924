import { createSeededFractions } from "@stonechat/testkit/seeded-fractions";
import { DiskModel, FATES, type DiskEvent, type DiskImage, type Fate } from "./disk-model.ts";
import { Ledger } from "./ledger.ts";

/** One folder as a power cut may leave it, and what the clients knew at that moment. */
export interface PowerCut {
  readonly image: DiskImage;
  readonly ledger: Ledger;
  /** Leads back to it: event, fate of bytes, fate of names. */
  readonly where: string;
}

/**
 * Goes through a recording and cuts the power after each event that touched the disk, `images` times in all or a few more,
 * with fates by lot. Where nothing could be lost, one image says it all.
 */
export function* powerCuts(events: readonly DiskEvent[], images: number, seed: number): Generator<PowerCut> {
  const random = createSeededFractions(seed);
  const model = new DiskModel();
  const ledger = new Ledger();
  const moments = momentsOfDanger(events);
  const each = Math.ceil(images / Math.max(1, moments));
  let turn = 0;
  for (const [index, event] of events.entries()) {
    if (event.type === "journal") {
      ledger.note(event.item);
      continue;
    }
    model.apply(event);
    const { volatile } = model;
    if (!volatile && event.type !== "synced") continue;
    for (let n = 0; n < (volatile ? each : 1); n += 1) {
      // In turn, so that each moment meets another choice; names go their own way.
      const bytes = FATES[turn % FATES.length] ?? "drop";
      const names = FATES[Math.floor(random() * 4)] ?? "drop";
      turn += 1;
      yield { image: model.image(bytes, names, random), ledger, where: place(index, bytes, names) };
    }
  }
}

function momentsOfDanger(events: readonly DiskEvent[]): number {
  const model = new DiskModel();
  let moments = 0;
  for (const event of events) {
    model.apply(event);
    if (event.type !== "journal" && model.volatile) moments += 1;
  }
  return moments;
}

function place(index: number, bytes: Fate, names: Fate): string {
  return `event ${String(index)}, bytes ${bytes}, names ${names}`;
}
