/**
 * Guards, a device and a thief, with everything taken away that is not needed to ask: can the real vault be lost, and
 * can it be opened after the decoy was? All values are small whole numbers, so that every state can be visited.
 *
 * A *deal* is what one renewal made: shares, entries and boxes that only fit each other. A generation at a guard holds
 * one deal and says which of its entries still release something.
 */
export type Pin = "real" | "decoy";

export interface GenerationState {
  readonly number: number;
  readonly deal: number;
  readonly real: boolean;
  readonly decoy: boolean;
}

/** One guard, what the device's present session had from it, and what a thief had. */
export interface GuardState {
  readonly alive: boolean;
  readonly current: GenerationState;
  readonly prepared: GenerationState | undefined;
  readonly guessesLeft: number;
  /** Guesses that were answered and matched nothing. */
  readonly answered: number;
  /** The session: 0 not asked, 1 charged but no answer came, 2 evaluated, 3 opened but no answer came, 4 done. */
  readonly asked: 0 | 1 | 2 | 3 | 4;
  readonly released: boolean;
  readonly acknowledged: boolean;
  /** A prepare of an earlier moment that the network holds back. */
  readonly delayed: Preparation | undefined;
  /** Deals of which the thief holds this guard's release of the decoy, as bits. */
  readonly thiefDecoy: number;
}

export interface Preparation {
  readonly by: Pin;
  readonly from: number;
  readonly number: number;
  readonly deal: number;
}

/** What the device does: nothing, or one of the steps of a session. */
export type Phase = "idle" | "evaluate" | "open" | "prepare" | "write" | "switch" | "finalize";

export interface World {
  readonly guards: readonly GuardState[];
  readonly generation: number;
  readonly deal: number;
  /** Unlocks tried since the last renewal: gives every attempt a number of its own. */
  readonly tries: number;
  readonly nextDeal: number;
  /** Deals whose boxes were on the disk at some time, as bits: the thief has an image of each. */
  readonly images: number;
  readonly phase: Phase;
  readonly pin: Pin;
  readonly sessionsLeft: number;
  readonly thiefLeft: number;
  readonly delaysLeft: number;
  /** Enough guards have released the decoy to somebody. */
  readonly decoyOpened: boolean;
  /** Some guard has. */
  readonly decoyTouched: boolean;
  readonly thiefActed: boolean;
}

/** The rules, and ways to break them that the search must find. */
export interface Rules {
  readonly count: number;
  readonly threshold: number;
  readonly guesses: number;
  readonly sessions: number;
  readonly thiefActs: number;
  readonly delays: number;
  readonly broken?:
    | "finalize before the switch"
    | "other pads stay"
    | "charge after the answer"
    | "older preparations count"
    | "attempts share a number";
}

export const FIRST: GenerationState = { number: 1, deal: 0, real: true, decoy: true };

export function firstWorld(rules: Rules): World {
  const guard: GuardState = {
    alive: true,
    current: FIRST,
    prepared: undefined,
    guessesLeft: rules.guesses,
    answered: 0,
    asked: 0,
    released: false,
    acknowledged: false,
    delayed: undefined,
    thiefDecoy: 0,
  };
  return {
    guards: Array.from({ length: rules.count }, () => guard),
    generation: FIRST.number,
    deal: FIRST.deal,
    tries: 0,
    nextDeal: 1,
    images: 1,
    phase: "idle",
    pin: "real",
    sessionsLeft: rules.sessions,
    thiefLeft: rules.thiefActs,
    delaysLeft: rules.delays,
    decoyOpened: false,
    decoyTouched: false,
    thiefActed: false,
  };
}

/** The generation of that number, if the guard has it. */
export function generationOf({ current, prepared }: GuardState, number: number): GenerationState | undefined {
  if (current.number === number) return current;
  return prepared?.number === number ? prepared : undefined;
}

/** Charges one guess, or ends the record if none is left. `undefined`: the guard refuses, and nothing changed. */
export function evaluate(guard: GuardState, number: number, rules: Rules): GuardState | undefined {
  if (!guard.alive || generationOf(guard, number) === undefined) return undefined;
  if (guard.guessesLeft === 0) return { ...guard, alive: false };
  const answered = guard.answered + 1;
  if (rules.broken === "charge after the answer") return { ...guard, answered };
  return { ...guard, answered, guessesLeft: guard.guessesLeft - 1 };
}

/** Opens with the tag of a PIN for a generation: what is not matched can be opened no more. */
export function open(
  guard: GuardState,
  number: number,
  pin: Pin,
  rules: Rules,
): { readonly guard: GuardState; readonly deal: number | undefined } {
  const generation = guard.alive ? generationOf(guard, number) : undefined;
  if (generation?.[pin] !== true) return { guard, deal: undefined };
  const after = (one: GenerationState): GenerationState => {
    if (rules.broken === "other pads stay") return one;
    const mine = one.number === number;
    return { ...one, real: mine && pin === "real" && one.real, decoy: mine && pin === "decoy" && one.decoy };
  };
  return {
    deal: generation.deal,
    guard: {
      ...guard,
      current: after(guard.current),
      prepared: guard.prepared === undefined ? undefined : after(guard.prepared),
      guessesLeft: Math.min(rules.guesses, guard.guessesLeft + 1),
      answered: Math.max(0, guard.answered - 1),
    },
  };
}

/**
 * Puts a generation beside the one named, or charges for a tag that matches nothing. The real vault deals the decoy anew; the
 * decoy knows nobody.
 */
export function prepare(
  guard: GuardState,
  { by, from, number, deal }: Preparation,
  rules: Rules,
): { readonly guard: GuardState; readonly done: boolean } {
  const base = guard.alive ? generationOf(guard, from) : undefined;
  if (base === undefined) return { guard, done: false };
  if (!base[by]) {
    const left = guard.guessesLeft - 1;
    return { guard: left < 0 ? { ...guard, alive: false } : { ...guard, guessesLeft: left }, done: false };
  }
  const newest = guard.prepared?.number ?? 0;
  const late = number < newest && rules.broken !== "older preparations count";
  if (late || number <= from) return { guard, done: false };
  return {
    guard: { ...guard, current: base, prepared: { number, deal, real: by === "real", decoy: true } },
    done: true,
  };
}

export function finalize(guard: GuardState, number: number): GuardState {
  if (!guard.alive || guard.prepared?.number !== number) return guard;
  return { ...guard, current: guard.prepared, prepared: undefined };
}
