import type { GuardsView, VaultStatus, VaultView } from "@stonechat/core";
import { faint, strong, type Line } from "./output.ts";
import type { JsonObject } from "./shapes.ts";
import { isoTime, localTime } from "./time.ts";

/** What everybody who holds the device can see of its vault. */
export function statusObject(status: VaultStatus): JsonObject {
  if (status.type !== "locked") return { type: "vault", state: status.type };
  return { type: "vault", state: "locked", mode: status.mode, ...guardsFields(status.guards) };
}

/** What an open vault says of itself. The same fields whichever vault it is. */
export function vaultObject(view: VaultView): JsonObject {
  return {
    type: "vault",
    state: "open",
    mode: view.mode,
    kind: view.kind,
    ...guardsFields(view.guards),
    duressPin: view.duressPin,
    visiting: view.visiting,
    foreignGuesses: view.foreignGuesses,
    guardsReached: view.guardsReached,
    burntAt: view.burntAt === undefined ? null : isoTime(view.burntAt),
    storageBytes: view.storageBytes,
  };
}

/** The same for a person. */
export function statusLines(status: VaultStatus): readonly Line[] {
  switch (status.type) {
    case "absent":
      return ["There is no vault in this profile."];
    case "damaged":
      return ["The vault is damaged or gone: its files are not what was written."];
    case "locked":
      return [[strong("Locked"), `, ${describeMode(status.mode)}.`], ...guardLines(status.guards)];
  }
}

/** The same for a person. */
export function vaultLines(view: VaultView): readonly Line[] {
  const guards = view.guards === undefined ? [] : [`${String(view.guardsReached)} guards answered the last time.`];
  return [
    [strong("Open"), `, ${describeMode(view.mode)}.`],
    ...guardLines(view.guards),
    ...guards,
    ...(view.guards === undefined ? [] : [`Guesses that somebody else used: ${String(view.foreignGuesses)}`]),
    ...(view.duressPin ? ["A duress PIN is set."] : []),
    ...(view.visiting ? ["This is the decoy, entered to fill it."] : []),
    `Last burnt: ${view.burntAt === undefined ? "never" : localTime(view.burntAt)}`,
    `On this disk: ${String(Math.ceil(view.storageBytes / 2 ** 20))} MiB`,
  ];
}

function guardsFields(guards: GuardsView | undefined): Readonly<Record<string, unknown>> {
  if (guards === undefined) return { guards: [] };
  const { needed, guesses, cheatersBorne, lossesBorne } = guards;
  return {
    guards: guards.guards.map(({ name, operator, url, fingerprint }) => ({ name, operator, url, fingerprint })),
    needed,
    guesses,
    cheatersBorne,
    lossesBorne,
  };
}

function guardLines(view: GuardsView | undefined): readonly Line[] {
  if (view === undefined) return [];
  const { guards, needed, guesses, cheatersBorne, lossesBorne } = view;
  return [
    `${String(needed)} of ${String(guards.length)} guards open it. A thief has ${String(guesses)} guesses. Of the guards ${String(lossesBorne)} may vanish and ${String(cheatersBorne)} may cheat without harm.`,
    ...guards.map(({ name, operator, url, fingerprint }): Line => [
      `  ${name}, ${operator}  `,
      faint(`${url}  ${fingerprint}`),
    ]),
  ];
}

function describeMode(mode: VaultView["mode"]): string {
  switch (mode) {
    case "pin":
      return "with a PIN";
    case "passphrase":
      return "with a passphrase";
    case "none":
      return "without a secret: whoever holds this disk can read it";
  }
}
