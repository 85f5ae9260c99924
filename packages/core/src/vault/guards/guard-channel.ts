import {
  DecryptError,
  openGuardReply,
  sealGuardRequest,
  sha256,
  sign,
  SIGNATURE_BYTES,
  type Random,
} from "@stonechat/crypto";
import {
  decodeFixedSize,
  encodeFixedSize,
  GUARD_NONCE_BYTES,
  guardReply,
  guardRequest,
  guardSigned,
  sealedGuardRequest,
  toHex,
  WireError,
  type GuardAnswer,
  type GuardId,
  type GuardOperation,
  type GuardReply,
  type RecordId,
  type Signature,
} from "@stonechat/protocol";
import type { GuardTransport } from "../../ports/guard-transport.ts";

const NO_NONCE = new Uint8Array(GUARD_NONCE_BYTES);
const NO_SIGNATURE = new Uint8Array(SIGNATURE_BYTES) as Signature; // what PROTOCOL wants where nobody signs

/** A guard as a device pins it. */
export interface GuardAddress {
  readonly relayUrl: string;
  readonly url: string;
  readonly publicKey: Uint8Array;
}

/** Asks one guard about one record. One question at a time: each uses up the nonce that came with the last answer. */
export interface GuardChannel {
  /**
   * Undefined: no answer came, or none that this guard made to this question. Then the guard may or may not have done
   * it; every operation can be asked again.
   */
  ask(operation: GuardOperation): Promise<GuardAnswer | undefined>;
}

/** What a channel is made of. `authKey` is the record's private Ed25519 key, 64 bytes; the caller keeps and wipes it. */
export interface GuardChannelParts {
  readonly transport: GuardTransport;
  readonly guard: GuardAddress;
  readonly recordId: RecordId;
  readonly authKey: Uint8Array;
  readonly random: Random;
}

/** SHA-256 of a guard's public key. */
export function guardIdOf(publicKey: Uint8Array): GuardId {
  return sha256(publicKey) as GuardId; // by its definition
}

/** A channel to a guard. Source: PROTOCOL.md, "Guards". */
export function createGuardChannel(parts: GuardChannelParts): GuardChannel {
  let nonce: Uint8Array | undefined;
  const exchange = async (operation: GuardOperation): Promise<GuardAnswer | undefined> => {
    const used = nonce ?? NO_NONCE;
    nonce = undefined;
    const reply = await askOnce(parts, operation, used);
    nonce = reply?.nonce;
    return reply?.answer;
  };
  return {
    async ask(operation) {
      if (operation.type === "hello") return exchange(operation);
      if (nonce === undefined && (await exchange({ type: "hello" })) === undefined) return undefined;
      const answer = await exchange(operation);
      // The guard was started anew, or we took too long; a fresh nonce came along.
      return answer?.type === "refused" && answer.reason === "stale" ? exchange(operation) : answer;
    },
  };
}

async function askOnce(
  { transport, guard, recordId, authKey, random }: GuardChannelParts,
  operation: GuardOperation,
  nonce: Uint8Array,
): Promise<GuardReply | undefined> {
  const guardId = guardIdOf(guard.publicKey);
  const signature = isSigned(operation)
    ? (sign("guard request", guardSigned.encode({ guardId, recordId, nonce, operation }), authKey) as Signature)
    : NO_SIGNATURE;
  const plaintext = encodeFixedSize(guardRequest, { recordId, nonce, operation, signature });
  const { sealed, replyKey } = sealGuardRequest(guard.publicKey, plaintext, random);
  const to = { relayUrl: guard.relayUrl, url: guard.url, id: toHex(guardId) };
  const body = await transport.send(to, sealedGuardRequest.encode({ sealed }));
  if (body === undefined) return undefined;
  try {
    return decodeFixedSize(guardReply, openGuardReply(replyKey, body));
  } catch (error) {
    // Somebody on the way, or a guard that does not follow the protocol: as good as no answer.
    if (error instanceof DecryptError || error instanceof WireError) return undefined;
    throw error;
  }
}

function isSigned({ type }: GuardOperation): boolean {
  return type !== "hello" && type !== "revoke";
}
