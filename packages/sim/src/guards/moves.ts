import { evaluate, finalize, generationOf, open, prepare, type GuardState, type Rules, type World } from "./model.ts";

/** One thing that can happen next. */
export interface Move {
  readonly name: string;
  readonly world: World;
}

/** Everything that can happen next: to the device's session, to the network, by a thief. */
export function movesOf(world: World, rules: Rules): readonly Move[] {
  return [...sessionMoves(world, rules), ...networkMoves(world, rules), ...thiefMoves(world, rules)];
}

/** Enough releases of one deal, of which the thief has the boxes. */
function thiefHasDecoy({ guards, images, nextDeal }: World, { threshold }: Rules): boolean {
  for (let deal = 0; deal < nextDeal; deal += 1) {
    const bit = 1 << deal;
    const held = guards.filter(({ thiefDecoy }) => (thiefDecoy & bit) !== 0);
    if ((images & bit) !== 0 && held.length >= threshold) return true;
  }
  return false;
}

function withGuard(world: World, at: number, guard: GuardState): World {
  return { ...world, guards: world.guards.with(at, guard) };
}

function sessionMoves(world: World, rules: Rules): readonly Move[] {
  if (world.phase === "idle") return starts(world);
  const crash = { name: "crash", world: endSession(world) };
  switch (world.phase) {
    case "evaluate":
      return [crash, ...each(world, (guard, at) => evaluateMoves(world, guard, at, rules)), ...goOn(world, rules)];
    case "open":
      return [crash, ...each(world, (guard, at) => openMoves(world, guard, at, rules)), ...goOn(world, rules)];
    case "prepare":
      return [crash, ...each(world, (guard, at) => prepareMoves(world, guard, at, rules)), ...goOn(world, rules)];
    case "write":
      return [
        crash,
        { name: "write area", world: { ...world, phase: "switch", images: world.images | dealBit(world) } },
      ];
    case "switch":
      return rules.broken === "finalize before the switch"
        ? [crash, ...each(world, (guard, at) => finalizeMoves(world, guard, at, rules)), switched(world, rules)]
        : [crash, switched(world, rules)];
    case "finalize":
      return [crash, ...each(world, (guard, at) => finalizeMoves(world, guard, at, rules))];
  }
}

function each(world: World, of: (guard: GuardState, at: number) => readonly Move[]): readonly Move[] {
  return world.guards.flatMap(of);
}

function starts(world: World): readonly Move[] {
  if (world.sessionsLeft === 0) return [];
  return (["real", "decoy"] as const).map((pin) => ({
    name: `unlock ${pin}`,
    world: {
      ...world,
      guards: forget(world.guards),
      phase: "evaluate",
      pin,
      sessionsLeft: world.sessionsLeft - 1,
      tries: world.tries + 1,
    },
  }));
}

function endSession(world: World): World {
  return { ...world, guards: forget(world.guards), phase: "idle", pin: "real" };
}

function forget(guards: readonly GuardState[]): readonly GuardState[] {
  return guards.map((guard) => ({ ...guard, asked: 0, released: false, acknowledged: false }));
}

function evaluateMoves(world: World, guard: GuardState, at: number, rules: Rules): readonly Move[] {
  if (guard.asked === 1) return [{ name: `ask ${at} again`, world: withGuard(world, at, { ...guard, asked: 2 }) }];
  if (guard.asked !== 0) return [];
  const charged = evaluate(guard, world.generation, rules);
  if (charged === undefined) return [];
  if (!charged.alive) return [{ name: `use up ${at}`, world: withGuard(world, at, charged) }];
  return [
    { name: `evaluate ${at}`, world: withGuard(world, at, { ...charged, asked: 2 }) },
    { name: `evaluate ${at}, reply lost`, world: withGuard(world, at, { ...charged, asked: 1 }) },
  ];
}

function openMoves(world: World, guard: GuardState, at: number, rules: Rules): readonly Move[] {
  if (guard.asked === 3) {
    const held = generationOf(guard, world.generation);
    const released = held?.deal === world.deal && held[world.pin];
    return [{ name: `open ${at} again`, world: withGuard(world, at, { ...guard, asked: 4, released }) }];
  }
  if (guard.asked !== 2) return [];
  const { guard: after, deal } = open(guard, world.generation, world.pin, rules);
  const touched = { ...world, decoyTouched: world.decoyTouched || (deal !== undefined && world.pin === "decoy") };
  const released = deal === world.deal;
  return [
    { name: `open ${at}`, world: decided(withGuard(touched, at, { ...after, asked: 4, released }), rules) },
    { name: `open ${at}, reply lost`, world: withGuard(touched, at, { ...after, asked: 3 }) },
  ];
}

/** Notes it when the device itself has opened the decoy. */
function decided(world: World, { threshold }: Rules): World {
  const opened = world.pin === "decoy" && world.guards.filter(({ released }) => released).length >= threshold;
  return { ...world, decoyOpened: world.decoyOpened || opened };
}

function nextNumber(world: World, rules: Rules): number {
  return world.generation + (rules.broken === "attempts share a number" ? 1 : 2 * world.tries - 1);
}

function dealBit({ nextDeal }: World): number {
  return 1 << (nextDeal - 1);
}

function prepareMoves(world: World, guard: GuardState, at: number, rules: Rules): readonly Move[] {
  if (guard.acknowledged) return [];
  const number = nextNumber(world, rules);
  const bases = [guard.prepared, guard.current].filter((base) => base !== undefined && base.number <= world.generation);
  const preparations = bases
    .flatMap((base) => base ?? [])
    .map(({ number: from }) => ({ by: world.pin, from, number, deal: world.nextDeal - 1 }));
  const chosen = preparations.find((preparation) => prepare(guard, preparation, rules).done);
  if (chosen === undefined) return [];
  const { guard: after } = prepare(guard, chosen, rules);
  const moves: Move[] = [
    { name: `prepare ${at}`, world: withGuard(world, at, { ...after, acknowledged: true }) },
    { name: `prepare ${at}, reply lost`, world: withGuard(world, at, after) },
  ];
  if (world.delaysLeft > 0 && guard.delayed === undefined) {
    const later = { ...world, delaysLeft: world.delaysLeft - 1 };
    moves.push({ name: `prepare ${at} held back`, world: withGuard(later, at, { ...guard, delayed: chosen }) });
  }
  return moves;
}

function finalizeMoves(world: World, guard: GuardState, at: number, rules: Rules): readonly Move[] {
  const number = world.phase === "switch" ? nextNumber(world, rules) : world.generation;
  if (!guard.acknowledged || guard.prepared?.number !== number) return [];
  return [{ name: `finalize ${at}`, world: withGuard(world, at, finalize(guard, number)) }];
}

function switched(world: World, rules: Rules): Move {
  const generation = nextNumber(world, rules);
  return {
    name: "switch",
    world: { ...world, generation, deal: world.nextDeal - 1, tries: 0, phase: "finalize" },
  };
}

/** The next step of a session, once enough guards have answered. */
function goOn(world: World, { threshold }: Rules): readonly Move[] {
  const count = (is: (guard: GuardState) => boolean): number => world.guards.filter(is).length;
  switch (world.phase) {
    case "evaluate":
      return count(({ asked }) => asked === 2) >= threshold
        ? [{ name: "open", world: { ...world, phase: "open" } }]
        : [];
    case "open":
      return count(({ released }) => released) >= threshold
        ? [{ name: "renew", world: { ...world, phase: "prepare", nextDeal: world.nextDeal + 1 } }]
        : [];
    case "prepare":
      return count(({ acknowledged }) => acknowledged) >= threshold
        ? [{ name: "prepared", world: { ...world, phase: "write" } }]
        : [];
    case "idle":
    case "write":
    case "switch":
    case "finalize":
      return [];
  }
}

function networkMoves(world: World, rules: Rules): readonly Move[] {
  return each(world, (guard, at) => {
    if (guard.delayed === undefined) return [];
    const delivered = { ...guard, delayed: undefined };
    const { guard: after } = prepare(delivered, guard.delayed, rules);
    return [{ name: `deliver what was held back to ${at}`, world: withGuard(world, at, after) }];
  });
}

/**
 * With all images, the decoy's PIN and the device's key: the decoy or a wrong PIN at any guard, for any generation, and
 * finalizing. What somebody who also has the real PIN could do once the decoy is open, `isAttainable` says; before that
 * he needs no strategy.
 */
function thiefMoves(world: World, rules: Rules): readonly Move[] {
  if (world.thiefLeft === 0) return [];
  const less = { ...world, thiefLeft: world.thiefLeft - 1, thiefActed: true };
  return each(world, (guard, at) => {
    if (!guard.alive) return [];
    const generations = [guard.current, ...(guard.prepared === undefined ? [] : [guard.prepared])];
    const guesses = generations.flatMap(({ number }) =>
      ([undefined, "decoy"] as const).flatMap((pin) => thiefGuess(less, guard, at, number, pin, rules)),
    );
    const { prepared } = guard;
    if (prepared === undefined) return guesses;
    return [
      ...guesses,
      { name: `thief finalizes ${at}`, world: withGuard(less, at, finalize(guard, prepared.number)) },
    ];
  });
}

function thiefGuess(
  world: World,
  guard: GuardState,
  at: number,
  number: number,
  pin: "decoy" | undefined,
  rules: Rules,
): readonly Move[] {
  const name = `thief tries ${pin ?? "a wrong PIN"} of ${String(number)} at ${String(at)}`;
  const charged = evaluate(guard, number, rules);
  if (charged === undefined) return [];
  if (!charged.alive || pin === undefined) return [{ name, world: withGuard(world, at, charged) }];
  const { guard: after, deal } = open(charged, number, pin, rules);
  if (deal === undefined) return [{ name, world: withGuard(world, at, after) }];
  const next = withGuard(world, at, { ...after, thiefDecoy: after.thiefDecoy | (1 << deal) });
  const decoyOpened = next.decoyOpened || thiefHasDecoy(next, rules);
  return [{ name, world: { ...next, decoyTouched: true, decoyOpened } }];
}
