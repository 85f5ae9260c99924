import { firstWorld, generationOf, type GuardState, type Pin, type Rules, type World } from "./model.ts";
import { movesOf } from "./moves.ts";

/** What must never be. */
export type Violation =
  | "the real vault was opened after the decoy"
  | "the real vault cannot be opened any more"
  | "neither vault can be opened any more"
  | "more guesses were answered than a record has";

/** What a search saw. `trace` leads to the violation. */
export interface SearchResult {
  readonly states: number;
  readonly violation: Violation | undefined;
  readonly trace: readonly string[];
}

/** How a state was come to. The states themselves are dropped when they have been looked at. */
interface Step {
  readonly by: string;
  readonly before: Step | undefined;
}

/** Visits every state that can be reached, the nearest first, until one breaks a promise. */
export function search(rules: Rules): SearchResult {
  const seen = new Set<string>();
  let edge: { readonly world: World; readonly step: Step }[] = [
    { world: firstWorld(rules), step: { by: "start", before: undefined } },
  ];
  while (edge.length > 0) {
    const next: typeof edge = [];
    for (const { world, step } of edge) {
      const violation = violationIn(world, rules);
      if (violation !== undefined) return { states: seen.size, violation, trace: traceOf(step) };
      for (const move of movesOf(world, rules)) {
        const key = keyOf(move.world);
        if (seen.has(key)) continue;
        seen.add(key);
        next.push({ world: move.world, step: { by: move.name, before: step } });
      }
    }
    edge = next;
  }
  return { states: seen.size, violation: undefined, trace: [] };
}

function violationIn(world: World, rules: Rules): Violation | undefined {
  const { guards } = world;
  if (guards.some(({ answered, guessesLeft }) => answered + guessesLeft > rules.guesses))
    return "more guesses were answered than a record has";
  if (world.decoyOpened && isAttainable(world, rules)) return "the real vault was opened after the decoy";
  if (world.thiefActed || guards.some(({ alive, guessesLeft }) => !alive || guessesLeft === 0)) return undefined;
  const real = canOpen(world, "real", rules);
  if (!world.decoyTouched && !real) return "the real vault cannot be opened any more";
  const inStep = guards.every((guard) => generationOf(guard, world.generation)?.deal === world.deal);
  if (inStep && !real && !canOpen(world, "decoy", rules)) return "neither vault can be opened any more";
  return undefined;
}

/** Whether the PIN would open on the device if nothing more went wrong. */
function canOpen({ guards, deal }: World, pin: Pin, { threshold }: Rules): boolean {
  return guards.filter((guard) => releases(guard, deal, pin)).length >= threshold;
}

/** Whether a thief with an image of every moment and both PINs could still come by the real vault: guards do not hear of each other. */
function isAttainable({ guards, images, nextDeal }: World, { threshold }: Rules): boolean {
  for (let deal = 0; deal < nextDeal; deal += 1) {
    const bit = 1 << deal;
    if ((images & bit) === 0) continue;
    const open = guards.filter((guard) => releases(guard, deal, "real"));
    if (open.length >= threshold) return true;
  }
  return false;
}

function releases({ alive, guessesLeft, current, prepared }: GuardState, deal: number, pin: Pin): boolean {
  return alive && guessesLeft > 0 && [current, prepared].some((held) => held?.deal === deal && held[pin]);
}

function traceOf(last: Step): readonly string[] {
  const names: string[] = [];
  for (let at: Step | undefined = last; at !== undefined; at = at.before) names.unshift(at.by);
  return names;
}

/** The same for worlds that differ only in which guard is which. */
function keyOf(world: World): string {
  const { generation, deal, tries, nextDeal, images, phase, pin, sessionsLeft, thiefLeft, delaysLeft } = world;
  const flags = Number(world.decoyOpened) + 2 * Number(world.decoyTouched) + 4 * Number(world.thiefActed);
  const guards = world.guards.map(guardKey).sort().join("|");
  return `${generation},${deal},${tries},${nextDeal},${images},${phase},${pin},${sessionsLeft},${thiefLeft},${delaysLeft},${flags}|${guards}`;
}

/** Guards do not change, they are replaced: each is written out once. */
const guardKeys = new WeakMap<GuardState, string>();

function guardKey(guard: GuardState): string {
  const known = guardKeys.get(guard);
  if (known !== undefined) return known;
  const { current, prepared, delayed } = guard;
  const parts = [current, prepared, delayed].map((part) => (part === undefined ? "" : Object.values(part).join()));
  const { alive, guessesLeft, answered, asked, released, acknowledged, thiefDecoy } = guard;
  const key = [...parts, alive, guessesLeft, answered, asked, released, acknowledged, thiefDecoy].join(";");
  guardKeys.set(guard, key);
  return key;
}
