import { MAX_GUARDS, type GuardAnswer, type GuardOperation } from "@stonechat/protocol";
import { StorageError } from "../../ports/storage-error.ts";
import { newHead, type Head } from "../lock/head.ts";
import { toTag } from "../lock/keys.ts";
import { encodeLockArea, randomLockArea, withSlot, type LockArea } from "../lock/lock-area.ts";
import {
  dealLine,
  entriesFor,
  fixedPlaces,
  keptAlive,
  sealDealtHead,
  shuffled,
  shuffledPlaces,
  tagGeneration,
  type Dealt,
  type DealRules,
  type Member,
} from "./deal.ts";
import { GUESSES_UNKNOWN } from "./device-record.ts";
import type { GuardLink } from "./guard-links.ts";
import { gather } from "./patience.ts";
import type { Decoy, Session } from "./session.ts";

const SECRET_BYTES = 32;
/** How long the guards that are needed wait for the others, which else miss this generation. */
const GRACE_MS = 1500;

/** What the next generation holds. */
export interface NextGeneration {
  readonly input: Uint8Array;
  readonly unlockKey: Uint8Array;
  readonly head: Head;
  readonly decoy: Decoy | undefined;
  /** Conceal mode: a vault that begins with this generation. */
  readonly hidden?: Member;
  /** Guards that must take part; the threshold if not given. */
  readonly needed?: number;
}

/** `renewed`: this device is in the new generation. `erased`: fewer guards than are needed still hold the old one. */
export type RenewalOutcome = { readonly type: "unreachable" } | { readonly type: "renewed"; readonly erased: boolean };

/**
 * Moves the vault to its next generation: fresh secrets, entries, boxes and heads, prepared at the guards, put in force
 * on this device by one write, then made final at the guards, which erases the old one. Killed anywhere, either the old
 * generation opens or the new one.
 *
 * @throws StorageError `full`, `io`: then the old generation or the new one is in force; see {@link Session.broken}.
 */
export async function renew(session: Session, next: NextGeneration): Promise<RenewalOutcome> {
  if (session.broken) throw new StorageError("io", "renew vault");
  const generation = await nextNumber(session);
  const { device, links, ports } = session;
  const threshold = device.guards?.threshold ?? 1;
  const needed = next.needed ?? threshold;
  const statuses = await askEach(session, links, { type: "status" }, needed);
  const rules: DealRules = {
    generation,
    kind: device.kind,
    deviceSecret: device.deviceSecret,
    threshold,
    guards: links,
    random: ports.random,
  };
  const dealt = deal(session, next, rules);

  const prepared = await prepareAll(session, statuses, dealt, rules);
  session.guardsReached = statuses.size;
  if (links.length > 0 && prepared.length < needed) return { type: "unreachable" };

  await switchTo(session, dealt, generation, noteGuesses(statuses));
  session.input = next.input;
  session.unlockKey = next.unlockKey;
  session.head = dealt.head;
  const finalized = await askEach(session, prepared, { type: "finalize", generation }, prepared.length);
  const erasedAt = [...finalized.values()].filter(({ type }) => type === "done").length;
  overwriteOldCopy(session);
  return { type: "renewed", erased: links.length - erasedAt < rules.threshold };
}

/**
 * A number that no other attempt has or had, and that means the other header copy. So guards can tell a request of an
 * earlier attempt, which the network held back, from those of the last one.
 */
async function nextNumber(session: Session): Promise<number> {
  if (!session.numberReserved) {
    const device = { ...session.device, numbersUsed: session.device.numbersUsed + 1 };
    await session.store.write(device);
    session.device = device;
  }
  session.numberReserved = false;
  return session.device.generation + 2 * session.device.numbersUsed - 1;
}

interface DealtGeneration {
  readonly area: LockArea;
  readonly head: Head;
  readonly members: readonly Dealt[];
}

function deal(session: Session, next: NextGeneration, rules: DealRules): DealtGeneration {
  return rules.kind === "destroy" && rules.guards.length > 0
    ? dealAlone(session, next, rules)
    : dealBeside(session, next, rules);
}

/**
 * Destroy mode: everything on the device changes, and whoever is not dealt anew is gone. A vault without a decoy deals
 * one that nobody can open, so that both do the same work.
 */
function dealAlone({ slot }: Session, next: NextGeneration, rules: DealRules): DealtGeneration {
  const { random } = rules;
  const places = shuffledPlaces(rules);
  const decoy = next.decoy ?? {
    slot: shuffled(random).find((other) => other !== slot) ?? 0,
    unlockKey: random.bytes(SECRET_BYTES),
    input: random.bytes(SECRET_BYTES),
    head: newHead(random, random.bytes(SECRET_BYTES)),
  };
  const dealtDecoy = dealLine(decoy.unlockKey, decoy.slot, rules, places(1));
  const { input, unlockKey } = decoy;
  const duress =
    next.decoy === undefined ? undefined : { slot: decoy.slot, input, unlockKey, lineSecret: dealtDecoy.lineSecret };
  const own: Member = { slot, unlockKey: next.unlockKey, head: { ...next.head, duress } };
  const dealtOwn = dealLine(own.unlockKey, slot, rules, places(0));
  const withDecoy = withSlot(
    randomLockArea(random),
    decoy.slot,
    dealtDecoy.line,
    sealDealtHead(decoy, dealtDecoy, rules),
  );
  const area = withSlot(withDecoy, slot, dealtOwn.line, sealDealtHead(own, dealtOwn, rules));
  return { area, head: own.head, members: [dealtOwn, dealtDecoy] };
}

/** Without guards, or in conceal mode: other slots stay as they are, whether somebody's or nobody's. */
function dealBeside({ slot, area }: Session, next: NextGeneration, rules: DealRules): DealtGeneration {
  const members: readonly Member[] = [
    { slot, unlockKey: next.unlockKey, head: next.head },
    ...(next.hidden === undefined ? [] : [next.hidden]),
  ];
  const dealt = members.map((member) => dealLine(member.unlockKey, member.slot, rules, fixedPlaces(member.head)));
  const changed = members.reduce((sum, member, at) => {
    const own = dealt[at];
    return own === undefined ? sum : withSlot(sum, member.slot, own.line, sealDealtHead(member, own, rules));
  }, area);
  return { area: changed, head: next.head, members: dealt };
}

/** Guards that hold the new generation beside the old one, whichever that is there. */
async function prepareAll(
  session: Session,
  statuses: ReadonlyMap<GuardLink, GuardAnswer>,
  dealt: DealtGeneration,
  rules: DealRules,
): Promise<readonly GuardLink[]> {
  const ready = await Promise.all(
    [...statuses].map(async ([link, status]) => {
      if (status.type !== "status") return [];
      for (const from of basesOf(status, session.device.generation)) {
        const answer = await prepareOne(session, link, from, dealt, rules);
        if (answer?.type === "done") return [link];
      }
      return [];
    }),
  );
  return ready.flat();
}

/** Our own generation if the guard has it; else what it has, newest first: it was away when we went on. */
function basesOf({ generation, prepared }: Extract<GuardAnswer, { type: "status" }>, ours: number): readonly number[] {
  const known = [prepared, generation].filter((number) => number !== undefined && number <= ours);
  return known.flatMap((number) => number ?? []).toSorted((a, b) => b - a);
}

async function prepareOne(
  { unlockKey, head: { former } }: Session,
  link: GuardLink,
  from: number,
  { head, members }: DealtGeneration,
  rules: DealRules,
): Promise<GuardAnswer | undefined> {
  const key = former !== undefined && from <= former.until ? former.unlockKey : unlockKey;
  return link.ask({
    type: "prepare",
    tag: toTag(key, link.recordId, tagGeneration(rules.kind, from)),
    from,
    generation: rules.generation,
    share: undefined,
    entries: entriesFor(link.index, members, rules.random),
    keepAlive: rules.kind === "conceal" ? keptAlive(link.index, head, members) : [],
  });
}

/** The one switch: the other header copy, durably, then the device record that names it. */
async function switchTo(
  session: Session,
  dealt: DealtGeneration,
  generation: number,
  guessesLeft: Uint8Array,
): Promise<void> {
  const { container, store, device, ports } = session;
  const copy = copyOf(generation);
  const headerBytes = container.readHeader(copy).length;
  container.writeHeader(copy, encodeLockArea(dealt.area, headerBytes, ports.random));
  container.flush();
  const next = { ...device, generation, guessesLeft, attempts: 0, numbersUsed: 1 };
  session.broken = true;
  await store.write(next);
  session.broken = false;
  session.device = next;
  session.numberReserved = true;
  session.area = dealt.area;
}

/** The old generation's lock area is of no more use; without guards it would open with the old secret. */
function overwriteOldCopy({ container, device, ports }: Session): void {
  const copy = copyOf(device.generation + 1);
  try {
    container.writeHeader(copy, ports.random.bytes(container.readHeader(copy).length));
    container.flush();
  } catch (error) {
    // The new generation is in force all the same, and the next one will be written over it.
    if (!(error instanceof StorageError)) throw error;
  }
}

/** Which header copy holds a generation. */
export function copyOf(generation: number): 0 | 1 {
  return generation % 2 === 0 ? 0 : 1;
}

/** What each of the links answered; who is slower than `enough` others by more than a grace is left out. */
async function askEach(
  session: Session,
  links: readonly GuardLink[],
  operation: GuardOperation,
  enough: number,
): Promise<ReadonlyMap<GuardLink, GuardAnswer>> {
  const answers = new Map<GuardLink, GuardAnswer>();
  const asked = links.map(async (link) => {
    const answer = await link.ask(operation);
    if (answer !== undefined) answers.set(link, answer);
  });
  await gather(asked, () => answers.size >= enough, GRACE_MS, session.ports.clock);
  return new Map(answers);
}

/** Of guards that were away nothing is known any more: what is counted since then begins anew. */
function noteGuesses(statuses: ReadonlyMap<GuardLink, GuardAnswer>): Uint8Array {
  const noted = new Uint8Array(MAX_GUARDS).fill(GUESSES_UNKNOWN);
  for (const [{ index }, status] of statuses) if (status.type === "status") noted[index - 1] = status.guessesLeft;
  return noted;
}
