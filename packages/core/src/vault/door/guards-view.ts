import { GUARD_KEY_BYTES, guardList, toHex, WireError, type GuardList } from "@stonechat/protocol";
import type { GuardTransport } from "../../ports/guard-transport.ts";
import { ClientError } from "../../client-error.ts";
import type { GuardsView } from "../../vault-api.ts";
import { guardIdOf } from "../guards/guard-channel.ts";
import type { GuardSet } from "./device-record.ts";

/** Guesses that a record has at each guard. */
export const RECORD_GUESSES = 10;
const FINGERPRINT_DIGITS = 16;

/** What a set of guards is worth (VAULT.md, "Numbers"). */
export function toGuardsView({ threshold, guards }: GuardList): GuardsView {
  const count = guards.length;
  return {
    needed: threshold,
    guards: guards.map(({ name, operator, url, publicKey }) => ({
      name,
      operator,
      url,
      fingerprint: toHex(guardIdOf(publicKey)).slice(0, FINGERPRINT_DIGITS),
    })),
    guesses: Math.floor((count * RECORD_GUESSES) / threshold),
    cheatersBorne: 2 * threshold - count - 1,
    lossesBorne: count - threshold,
  };
}

/** The same of the guards that a device has pinned. */
export function viewOfPinned({ threshold, guards }: GuardSet): GuardsView {
  return toGuardsView({ threshold, guards: guards.map(({ description }) => description) });
}

/**
 * Asks a relay for its guards.
 *
 * @returns undefined if it has none.
 * @throws ClientError `guards-unreachable` without an answer; `guards-refused` for a list with which a duress PIN would
 * have no force or that names a guard twice.
 */
export async function fetchGuards(transport: GuardTransport, relayUrl: string): Promise<GuardList | undefined> {
  const body = await transport.list(relayUrl);
  if (body === undefined) throw new ClientError("guards-unreachable");
  const listed = decodeList(body);
  if (listed.guards.length === 0) return undefined;
  const { threshold, guards } = listed;
  const different = new Set(guards.map(({ publicKey }) => toHex(publicKey))).size === guards.length;
  const sound = guards.every(({ publicKey }) => publicKey.length === GUARD_KEY_BYTES) && different;
  // With 2t ≤ n, t guards could open the real vault after t others opened the decoy.
  if (!sound || threshold < 1 || threshold > guards.length || 2 * threshold <= guards.length)
    throw new ClientError("guards-refused");
  return listed;
}

function decodeList(body: Uint8Array): GuardList {
  try {
    return guardList.decode(body);
  } catch (cause) {
    if (cause instanceof WireError) throw new ClientError("guards-refused", { cause });
    throw cause;
  }
}
