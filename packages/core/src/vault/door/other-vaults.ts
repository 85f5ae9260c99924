import { ClientError } from "../../client-error.ts";
import { ENTRY_COUNT } from "@stonechat/protocol";
import { newHead, padOf, withPad, type Head } from "../lock/head.ts";
import { toTag } from "../lock/keys.ts";
import { shuffled, tagGeneration } from "./deal.ts";
import { askGuards } from "./guard-round.ts";
import { renew, type NextGeneration, type RenewalOutcome } from "./renewal.ts";
import { unlockKeyOf, type Session } from "./session.ts";

/**
 * What a new secret's unlock key will be on this device: evaluated by the guards as a guess, which the own tag then
 * opens and so gives back.
 *
 * @throws ClientError `guards-unreachable`.
 */
export async function learnUnlockKey(session: Session, input: Uint8Array): Promise<Uint8Array> {
  const { device, links, ports, unlockKey } = session;
  if (device.guards === undefined) return unlockKeyOf(device, input);
  const round = await askGuards({
    links,
    threshold: device.guards.threshold,
    generation: device.generation,
    toInput: () => input,
    beforeGuess: async () => Promise.resolve(),
    toTag: (_, link) => toTag(unlockKey, link.recordId, tagGeneration(device.kind, device.generation)),
    clock: ports.clock,
    random: ports.random,
  });
  if (round.type === "unreachable" || round.output === undefined) throw new ClientError("guards-unreachable");
  await round.openings.finished();
  return unlockKeyOf(device, round.output);
}

/** Makes a decoy in a free slot, or gives the one there is another PIN. */
export async function makeDuress(session: Session, next: NextGeneration, input: Uint8Array): Promise<RenewalOutcome> {
  const unlockKey = await learnUnlockKey(session, input);
  if (next.decoy !== undefined) return renew(session, { ...next, decoy: { ...next.decoy, input, unlockKey } });
  const head = emptyHead(session);
  const slot = otherSlot(session);
  session.container.formatSlot(slot, head.slotKey).close();
  return renew(session, { ...next, decoy: { slot, input, unlockKey, head } });
}

/** Takes the decoy away, with all that is in it. */
export async function removeDuress(session: Session, next: NextGeneration): Promise<RenewalOutcome> {
  const slot = next.decoy?.slot;
  const outcome = await renew(session, { ...next, decoy: undefined });
  if (outcome.type === "renewed" && slot !== undefined) session.container.scrubSlot(slot);
  return outcome;
}

/**
 * Makes a vault beside this one that neither knows of: each only puts back pads at positions that it cannot tell from
 * unused ones. All guards must take part, since nobody could put the entry into one that stayed away.
 *
 * Whether a hidden vault is there already, this one cannot know; then the new one may take its place.
 */
export async function makeHidden(session: Session, next: NextGeneration, input: Uint8Array): Promise<RenewalOutcome> {
  const { links, unlockKey: own } = session;
  const unlockKey = await learnUnlockKey(session, input);
  const slot = otherSlot(session);
  let hidden = emptyHead(session);
  let outer: Head = next.head;
  const positions = hidden.positions.slice();
  for (const { index } of links) {
    const taken = positionAt(outer, index);
    const position = (taken + 1 + ((positions[index - 1] ?? 0) % (ENTRY_COUNT - 1))) % ENTRY_COUNT;
    positions[index - 1] = position;
    outer = withPad(outer, index, position, padOf(hidden, index, position));
    hidden = withPad(hidden, index, taken, padOf(outer, index, taken));
  }
  session.container.formatSlot(slot, hidden.slotKey).close();
  return renew(session, {
    ...next,
    unlockKey: own,
    head: outer,
    hidden: { slot, unlockKey, head: { ...hidden, positions } },
    needed: links.length,
  });
}

function positionAt({ positions }: Head, index: number): number {
  return (positions[index - 1] ?? 0) % ENTRY_COUNT;
}

/** A head as that of a vault which has just been made, with the revocation secrets that belong to the device. */
function emptyHead({ ports, head }: Session): Head {
  return newHead(ports.random, head.revocationSeed);
}

function otherSlot({ slot, ports }: Session): number {
  return shuffled(ports.random).find((other) => other !== slot) ?? 0;
}
