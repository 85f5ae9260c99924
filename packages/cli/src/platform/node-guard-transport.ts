import { createFetchHttp, createRelayedGuards, postToGuard, type GuardTransport, type Http } from "@stonechat/core";
import { GUARD_PATH } from "@stonechat/protocol";

/** A relay that is slower than this to pass on one small request counts as out of reach. */
const PATIENCE_MS = 2_500;

/**
 * Reaches guards by way of the relay, which hides our address from them, or at their own address while the relay cannot be
 * reached or cannot reach them. Which way worked is remembered for as long as this lives, so that nobody waits twice.
 */
export function createGuardTransport(http: Http): GuardTransport {
  const relayed = createRelayedGuards(http);
  const byRelay: GuardTransport["send"] = (guard, body) => relayed.send(guard, body);
  const directly: GuardTransport["send"] = (guard, body) =>
    postToGuard(http, new URL(GUARD_PATH, guard.url).href, body);
  const direct = new Set<string>();
  return {
    list: (relayUrl) => relayed.list(relayUrl),
    async send(guard, body) {
      const [first, second] = direct.has(guard.id) ? [directly, byRelay] : [byRelay, directly];
      const answer = await first(guard, body);
      if (answer !== undefined) return answer;
      const other = await second(guard, body);
      if (other === undefined) return undefined;
      if (second === directly) direct.add(guard.id);
      else direct.delete(guard.id);
      return other;
    },
  };
}

/** Guards over the `fetch` of Node. */
export function nodeGuardTransport(): GuardTransport {
  return createGuardTransport(
    createFetchHttp((url, settings) => fetch(url, { ...settings, signal: AbortSignal.timeout(PATIENCE_MS) })),
  );
}
