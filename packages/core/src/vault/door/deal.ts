import { guardEntrySecret, guardTagHash, type Random } from "@stonechat/crypto";
import { ENTRY_COUNT, type GuardEntry, type KeepAlive, type RecordId } from "@stonechat/protocol";
import { padOf, sealHead, type Head } from "../lock/head.ts";
import { NO_RELEASE, toHeadKey, toTag } from "../lock/keys.ts";
import { sealLine, type Release } from "../lock/line.ts";

const SECRET_BYTES = 32;

/** A vault that the next generation holds. */
export interface Member {
  readonly slot: number;
  readonly unlockKey: Uint8Array;
  readonly head: Head;
}

/** What a generation is dealt for. `guards` is empty where there are none. */
export interface DealRules {
  readonly generation: number;
  readonly kind: "destroy" | "conceal";
  readonly deviceSecret: Uint8Array;
  readonly threshold: number;
  readonly guards: readonly { readonly index: number; readonly recordId: RecordId }[];
  readonly random: Random;
}

/** Where a member's entry stands at each guard, and with which pad. */
export type Places = (index: number) => { readonly position: number; readonly pad: Uint8Array };

/** A member's part of a generation. */
export interface Dealt {
  readonly line: Uint8Array;
  readonly lineSecret: Uint8Array;
  readonly entries: readonly { readonly index: number; readonly position: number; readonly entry: GuardEntry }[];
}

/** The generation that tags are made for: always 0 in conceal mode, where entries must stay as others left them. */
export function tagGeneration(kind: "destroy" | "conceal", generation: number): number {
  return kind === "conceal" ? 0 : generation;
}

/** Deals a new line for an unlock key, and for each guard the entry that releases what opens its box. */
export function dealLine(unlockKey: Uint8Array, slot: number, rules: DealRules, places: Places): Dealt {
  const { guards, threshold, random } = rules;
  const entries = guards.map(({ index, recordId }) => {
    const { position, pad } = places(index);
    const tag = toTag(unlockKey, recordId, tagGeneration(rules.kind, rules.generation));
    const entry = { tagHash: guardTagHash(tag, pad), material: random.bytes(SECRET_BYTES), pad };
    return { index, position, entry };
  });
  const releases: readonly Release[] =
    entries.length === 0
      ? [{ index: 1, secret: NO_RELEASE }]
      : entries.map(({ index, entry }) => ({ index, secret: guardEntrySecret(entry.material, entry.pad) }));
  return { ...sealLine(unlockKey, releases, entries.length === 0 ? 1 : threshold, slot, random), entries };
}

/** Seals a member's head under what was dealt for it. */
export function sealDealtHead({ slot, unlockKey, head }: Member, dealt: Dealt, rules: DealRules): Uint8Array {
  return sealHead(head, toHeadKey(dealt.lineSecret, unlockKey, rules.deviceSecret), slot, rules.random);
}

/** Fresh places for up to four members at each guard; asking for member `which`. Destroy mode. */
export function shuffledPlaces(rules: DealRules): (which: number) => Places {
  const orders = new Map(rules.guards.map(({ index }) => [index, shuffled(rules.random)]));
  return (which) => (index) => ({
    position: orders.get(index)?.[which] ?? 0,
    pad: rules.random.bytes(SECRET_BYTES),
  });
}

/** The places that a head names, for good. Conceal mode. */
export function fixedPlaces(head: Head): Places {
  return (index) => {
    const position = (head.positions[index - 1] ?? 0) % ENTRY_COUNT;
    return { position, pad: padOf(head, index, position) };
  };
}

/** A guard's entries: those that were dealt, and random ones. */
export function entriesFor(index: number, dealt: readonly Dealt[], random: Random): readonly GuardEntry[] {
  const entries: GuardEntry[] = Array.from({ length: ENTRY_COUNT }, () => ({
    tagHash: random.bytes(SECRET_BYTES),
    material: random.bytes(SECRET_BYTES),
    pad: random.bytes(SECRET_BYTES),
  }));
  for (const { entries: own } of dealt)
    for (const { index: guard, position, entry } of own) if (guard === index) entries[position] = entry;
  return entries;
}

/** Pads put back at all positions but those that were dealt: real or random ones, the head cannot tell. Conceal mode. */
export function keptAlive(index: number, head: Head, dealt: readonly Dealt[]): readonly KeepAlive[] {
  const fresh = new Set(
    dealt.flatMap(({ entries }) => entries.filter((e) => e.index === index).map((e) => e.position)),
  );
  return Array.from({ length: ENTRY_COUNT }, (_, position) => position)
    .filter((position) => !fresh.has(position))
    .map((position) => ({ position, pad: padOf(head, index, position) }));
}

/** 0 to 3 in an order that nobody can foresee. */
export function shuffled(random: Random): readonly number[] {
  const order = Array.from({ length: ENTRY_COUNT }, (_, at) => at);
  for (let at = order.length - 1; at > 0; at -= 1) {
    const other = fairBelow(at + 1, random);
    [order[at], order[other]] = [order[other] ?? 0, order[at] ?? 0];
  }
  return order;
}

function fairBelow(limit: number, random: Random): number {
  for (;;) {
    const [value = 0] = random.bytes(1);
    if (value < 256 - (256 % limit)) return value % limit;
  }
}
