import {
  DecryptError,
  openGuardRequest,
  sealGuardReply,
  sha256,
  type GuardReplyKey,
  type KemKeyPair,
  type Random,
} from "@stonechat/crypto/guard";
import {
  decodeFixedSize,
  encodeFixedSize,
  guardReply,
  guardRequest,
  SEALED_GUARD_REQUEST_BYTES,
  sealedGuardRequest,
  WireError,
  type GuardAnswer,
  type GuardId,
  type GuardRequest,
} from "@stonechat/protocol";
import { isAllowed, isSigned } from "../machine/allowed.ts";
import { refused } from "../machine/outcome.ts";
import type { Known } from "../machine/record.ts";
import { step } from "../machine/step.ts";
import { StoreFullError, type Decision, type GuardStore } from "../store/guard-store.ts";
import type { Admission } from "./admission.ts";
import type { GuardClock } from "./clock.ts";
import type { Counters } from "./counters.ts";
import { Nonces } from "./nonces.ts";

/** Used nonces that are remembered: some 300 a second for as long as they are current. */
const MAX_USED_NONCES = 200_000;

/** What a guard is made of. */
export interface GuardServiceParts {
  readonly store: GuardStore;
  readonly key: KemKeyPair;
  readonly admission: Admission;
  readonly counters: Counters;
  readonly clock: GuardClock;
  readonly random: Random;
}

/** A guard without a network: sealed request in, sealed reply out. */
export interface GuardService {
  /**
   * @param from - What the sender is told apart by, for limits on registrations alone.
   * @returns undefined for what cannot be opened: then there is no key to seal an answer with.
   */
  serve(body: Uint8Array, from: string): Promise<Uint8Array | undefined>;
}

export function createGuardService(parts: GuardServiceParts): GuardService {
  const { key, counters, clock, random } = parts;
  const guardId = sha256(key.publicKey) as GuardId; // by its definition
  const nonces = new Nonces(random, MAX_USED_NONCES);
  return {
    async serve(body, from) {
      const opened = openRequest(body, key.privateKey);
      if (opened === undefined) {
        counters.add("malformed");
        return undefined;
      }
      counters.add("requests");
      const request = readRequest(opened.plaintext);
      const answer: GuardAnswer =
        request === undefined ? { type: "refused", reason: "malformed" } : await answerTo(request, from);
      count(counters, answer);
      const reply = encodeFixedSize(guardReply, { nonce: nonces.issue(clock.monotonic()), answer });
      return sealGuardReply(opened.replyKey, reply, random);
    },
  };

  async function answerTo(request: GuardRequest, from: string): Promise<GuardAnswer> {
    if (request.operation.type === "hello") return { type: "done" };
    if (!nonces.isCurrent(request.nonce, clock.monotonic())) return { type: "refused", reason: "stale" };
    try {
      return await parts.store.update(request.recordId, (known) => decide(known, request, from));
    } catch (error) {
      if (error instanceof StoreFullError) return { type: "refused", reason: "busy" };
      throw error;
    }
  }

  function decide(known: Known, request: GuardRequest, from: string): Decision<GuardAnswer> {
    const { operation, nonce } = request;
    if (!isAllowed(known, request, guardId)) return refused("denied");
    if (isSigned(request)) {
      // Only now: who cannot sign can neither use up nonces nor the room in which used ones are remembered.
      const verdict = nonces.use(nonce, clock.monotonic());
      if (verdict !== "fresh") return refused(verdict);
    }
    const decision = step(known, operation, { now: clock.now(), random });
    if (operation.type === "register" && decision.change.type === "put") {
      if (!parts.admission.admits(from, parts.store.records, clock.monotonic())) return refused("full");
      counters.add("registered");
    }
    if (operation.type === "finalize" && decision.change.type === "put") counters.add("replaced");
    if (decision.change.type === "destroy") counters.add("destroyed");
    return decision;
  }
}

function openRequest(
  body: Uint8Array,
  privateKey: Uint8Array,
): { readonly plaintext: Uint8Array; readonly replyKey: GuardReplyKey } | undefined {
  if (body.length !== SEALED_GUARD_REQUEST_BYTES) return undefined;
  try {
    return openGuardRequest(privateKey, sealedGuardRequest.decode(body).sealed);
  } catch (error) {
    if (error instanceof WireError || error instanceof DecryptError) return undefined;
    throw error;
  }
}

function readRequest(plaintext: Uint8Array): GuardRequest | undefined {
  try {
    return decodeFixedSize(guardRequest, plaintext);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

function count(counters: Counters, answer: GuardAnswer): void {
  switch (answer.type) {
    case "evaluated":
    case "opened":
    case "closed":
      counters.add(answer.type);
      break;
    case "refused":
      if (answer.reason === "malformed" || answer.reason === "denied" || answer.reason === "stale")
        counters.add(answer.reason);
      else if (answer.reason === "full" || answer.reason === "busy") counters.add("limited");
      break;
    case "done":
    case "status":
      break;
  }
}
