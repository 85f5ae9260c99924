import {
  combineEvaluations,
  ProofError,
  verifyPartialEvaluation,
  voprfBlind,
  type PartialEvaluation,
  type Random,
  type VoprfBlinded,
} from "@stonechat/crypto";
import type { GuardAnswer, GuardTag, Ticket } from "@stonechat/protocol";
import type { Clock } from "../../ports/clock.ts";
import type { Release } from "../lock/line.ts";
import type { GuardLink } from "./guard-links.ts";
import { gather } from "./patience.ts";

/** How long the fastest guards wait for the others. */
const GRACE_MS = 300;
const TICKET_BYTES = 16;
const TAG_BYTES = 32;

/** What one round needs. */
export interface RoundInput {
  readonly links: readonly GuardLink[];
  readonly threshold: number;
  readonly generation: number;
  /** What the guards evaluate, blinded. Asked for once enough of them are there. */
  readonly toInput: () => Uint8Array;
  /** Runs before the first guess is spent. */
  readonly beforeGuess: () => Promise<void>;
  /** The tag for a guard, from the VOPRF's output. */
  readonly toTag: (output: Uint8Array, link: GuardLink) => GuardTag;
  readonly clock: Clock;
  readonly random: Random;
}

/** How far a round came. */
export type RoundStart =
  | { readonly type: "unreachable"; readonly reached: number }
  | {
      readonly type: "evaluated";
      readonly reached: number;
      /** Undefined: so many guards refuse that no others could make up for them. */
      readonly output: Uint8Array | undefined;
      /** Guards that say they know no such record. */
      readonly denied: number;
      /** What each guard said is left after this guess. */
      readonly guessesLeft: ReadonlyMap<number, number>;
      readonly openings: Openings;
    };

/** What guards release, as it comes in. */
export interface Openings {
  readonly releases: readonly Release[];
  /** Waits for the first `count` releases, or until so many cannot come any more. */
  atLeast(count: number): Promise<void>;
  /** All guards have answered or were given up. */
  readonly done: boolean;
  /** Even if all that are still awaited released something, it would be too little. */
  readonly hopeless: boolean;
  /** Resolves when {@link Openings.done}. */
  finished(): Promise<void>;
}

interface Evaluated {
  readonly ticket: Ticket;
  readonly partial: PartialEvaluation;
  readonly guessesLeft: number;
}
type Verdict = { readonly type: "missing" | "denied" | "refused" } | ({ readonly type: "good" } & Evaluated);

/**
 * Asks all guards for one guess: hello, evaluate, open, each guard the same three whatever it answers. Answers whose
 * proof fails count as none. A guess is spent only when enough guards are there.
 */
export async function askGuards(round: RoundInput): Promise<RoundStart> {
  const { links, threshold, clock } = round;
  const there = new Set<GuardLink>();
  const hellos = links.map(async (link) => {
    if ((await link.ask({ type: "hello" })) !== undefined) there.add(link);
  });
  await gather(hellos, () => there.size >= threshold, GRACE_MS, clock);
  if (there.size < threshold) return { type: "unreachable", reached: there.size };

  const input = round.toInput();
  const blinded = voprfBlind(input, round.random);
  await round.beforeGuess();
  const verdicts = new Map<GuardLink, Verdict>();
  // Who says hello late is asked late.
  const evaluations = links.map(async (link, at) => {
    await hellos[at];
    verdicts.set(link, there.has(link) ? await evaluate(link, round.generation, input, blinded) : { type: "missing" });
  });
  const good = (): readonly (Evaluated & { readonly link: GuardLink })[] =>
    links.flatMap((link) => {
      const verdict = verdicts.get(link);
      return verdict?.type === "good" ? [{ ...verdict, link }] : [];
    });
  const refusing = (): number =>
    [...verdicts.values()].filter(({ type }) => type === "denied" || type === "refused").length;
  const isHopeless = (): boolean => links.length - refusing() < threshold;
  await gather(evaluations, () => good().length >= threshold || isHopeless(), GRACE_MS, clock);

  const evaluated = good();
  const reached = evaluated.length + refusing();
  if (evaluated.length < threshold && !isHopeless()) return { type: "unreachable", reached };
  const output = evaluated.length < threshold ? undefined : combine(input, blinded, evaluated.slice(0, threshold));
  return {
    type: "evaluated",
    reached,
    output,
    denied: [...verdicts.values()].filter(({ type }) => type === "denied").length,
    guessesLeft: new Map(evaluated.map(({ link, guessesLeft }) => [link.index, guessesLeft])),
    openings: openAll(round, there, evaluations, verdicts, output),
  };
}

async function evaluate(
  link: GuardLink,
  generation: number,
  input: Uint8Array,
  blinded: VoprfBlinded,
): Promise<Verdict> {
  const answer = await link.ask({ type: "evaluate", generation, blindedElement: blinded.blindedElement });
  if (answer?.type === "refused") return toRefusal(answer.reason);
  if (answer?.type !== "evaluated") return { type: "missing" };
  try {
    const partial = verifyPartialEvaluation(input, blinded, link.index, answer, link.sharePublicKey);
    return { type: "good", partial, ticket: answer.ticket, guessesLeft: answer.guessesLeft };
  } catch (error) {
    // It lies, or is broken: as good as not there.
    if (error instanceof ProofError) return { type: "missing" };
    throw error;
  }
}

function toRefusal(reason: Extract<GuardAnswer, { type: "refused" }>["reason"]): Verdict {
  switch (reason) {
    case "denied":
      return { type: "denied" };
    case "generation":
    case "malformed":
    case "ticket":
      return { type: "refused" };
    case "stale":
    case "busy":
    case "full":
      return { type: "missing" };
  }
}

function combine(input: Uint8Array, blinded: VoprfBlinded, evaluated: readonly Evaluated[]): Uint8Array {
  return combineEvaluations(
    input,
    blinded,
    evaluated.map(({ partial }) => partial),
  );
}

/** Opens at every guard as its evaluation comes in; where that was refused, with a ticket and tag of nothing. */
function openAll(
  { links, random, toTag, threshold }: RoundInput,
  there: ReadonlySet<GuardLink>,
  evaluations: readonly Promise<void>[],
  verdicts: ReadonlyMap<GuardLink, Verdict>,
  output: Uint8Array | undefined,
): Openings {
  const releases: Release[] = [];
  let pending = links.length;
  let wake: (() => void) | undefined;
  const isHopeless = (): boolean => releases.length + pending < threshold;
  const isDone = (): boolean => pending === 0;
  const tasks = links.map(async (link, at) => {
    try {
      await evaluations[at];
      if (!there.has(link)) return;
      const verdict = verdicts.get(link);
      const good = verdict?.type === "good" && output !== undefined;
      const ticket = good ? verdict.ticket : (random.bytes(TICKET_BYTES) as Ticket); // a ticket of nothing
      const tag = good ? toTag(output, link) : (random.bytes(TAG_BYTES) as GuardTag); // a tag of nothing
      const answer = await link.ask({ type: "open", ticket, tag });
      if (answer?.type === "opened") releases.push({ index: link.index, secret: answer.secret });
    } finally {
      pending -= 1;
      wake?.();
    }
  });
  const all = Promise.all(tasks);
  // Who waits with `finished` hears of it; nobody must.
  all.catch(() => undefined);
  return {
    releases,
    get done() {
      return isDone();
    },
    get hopeless() {
      return isHopeless();
    },
    async atLeast(count) {
      while (releases.length < count && !isDone() && !isHopeless()) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    async finished() {
      await all;
    },
  };
}
