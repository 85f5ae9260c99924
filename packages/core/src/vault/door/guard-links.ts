import { signKeyPairFromSeed, type Random } from "@stonechat/crypto";
import type { GuardAnswer, GuardOperation, RecordId } from "@stonechat/protocol";
import type { Clock } from "../../ports/clock.ts";
import type { GuardTransport } from "../../ports/guard-transport.ts";
import { SerialQueue } from "../../sync/serial-queue.ts";
import { createGuardChannel } from "../guards/guard-channel.ts";
import type { GuardSet } from "./device-record.ts";
import { withDeadline } from "./patience.ts";

/** How long one answer may take. */
const ANSWER_MS = 6000;
/** A lost reply is asked for again: guards count the same question once. */
const ATTEMPTS = 3;

/** One guard of a vault, as a session asks it. */
export interface GuardLink {
  /** Of its share: from 1. */
  readonly index: number;
  readonly recordId: RecordId;
  readonly sharePublicKey: Uint8Array;
  /** Asks after everything asked before, and again if no answer comes. Undefined: none came in the time. */
  ask(operation: GuardOperation): Promise<GuardAnswer | undefined>;
}

/** What links need of the platform. */
export interface LinkPorts {
  readonly guardTransport: GuardTransport;
  readonly clock: Clock;
  readonly random: Random;
}

/** Links to all guards of a vault, in the order of their shares. */
export function linkGuards({ guardTransport, clock, random }: LinkPorts, set: GuardSet): readonly GuardLink[] {
  const { privateKey } = signKeyPairFromSeed(set.authSeed);
  return set.guards.map(({ description, recordId, sharePublicKey }, at) => {
    const guard = { relayUrl: set.relayUrl, url: description.url, publicKey: description.publicKey };
    const channel = createGuardChannel({ transport: guardTransport, guard, recordId, authKey: privateKey, random });
    const queue = new SerialQueue();
    const askAgain = async (operation: GuardOperation): Promise<GuardAnswer | undefined> => {
      for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
        const answer = await withDeadline(channel.ask(operation), ANSWER_MS, clock);
        if (answer !== undefined) return answer;
      }
      return undefined;
    };
    return { index: at + 1, recordId, sharePublicKey, ask: (operation) => queue.run(() => askAgain(operation)) };
  });
}
