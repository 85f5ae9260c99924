import type { GuardsView } from "@stonechat/core/client-api";

/** PINs of six digits. */
const PINS = 1_000_000;

/** In how many devices of this many a thief finds the assigned PIN before the guesses run out. */
export function oneIn(guesses: number): number {
  return Math.max(1, Math.floor(PINS / Math.max(1, guesses)));
}

/** The one operator of all guards: whoever controls it controls them all. `undefined` if there are several. */
export function soleOperator({ guards }: GuardsView): string | undefined {
  const operators = new Set(guards.map(({ operator }) => operator.trim().toLocaleLowerCase()));
  return operators.size === 1 ? guards[0]?.operator : undefined;
}

/** A fingerprint as people compare it: in groups of four. */
export function splitFingerprint(fingerprint: string): string {
  return (fingerprint.match(/.{1,4}/g) ?? []).join(" ");
}
