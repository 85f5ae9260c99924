import { ClientError } from "../client-api.ts";
import { fetchGuards } from "../vault/door/guards-view.ts";
import { linkGuards, type LinkPorts } from "../vault/door/guard-links.ts";
import type { RevokeRecord } from "./revocations.ts";

/**
 * Asks the guards that a relay publishes: the one with the address that the kit names. A relay that names another under
 * this address learns a secret that can only destroy, and can only pretend that it was used.
 */
export function createRevokeRecord(ports: LinkPorts): RevokeRecord {
  return async ({ url, recordId, secret }, relayUrl) => {
    const listed = await guardsOf(ports, relayUrl);
    const description = listed?.guards.find((guard) => guard.url === url);
    if (listed === undefined || description === undefined) return false;
    // Nobody signs a revocation: who has the secret may.
    const authSeed = ports.random.bytes(32);
    const guards = [{ description, recordId, sharePublicKey: new Uint8Array(32) }];
    const [link] = linkGuards(ports, { relayUrl, threshold: 1, authSeed, guards });
    const answer = await link?.ask({ type: "revoke", secret });
    // To whom the record does not belong, a guard says the same as when there is none: it is gone already.
    return answer?.type === "done" || (answer?.type === "refused" && answer.reason === "denied");
  };
}

async function guardsOf(ports: LinkPorts, relayUrl: string): ReturnType<typeof fetchGuards> {
  try {
    return await fetchGuards(ports.guardTransport, relayUrl);
  } catch (error) {
    if (error instanceof ClientError) return undefined;
    throw error;
  }
}
