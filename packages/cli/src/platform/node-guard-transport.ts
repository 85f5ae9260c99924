import { createFetchHttp, type GuardTransport, type Http } from "@stonechat/core";
import { GUARD_PATH, GUARDS_PATH, guardList, SEALED_GUARD_REPLY_BYTES } from "@stonechat/protocol";

/** A relay that is slower than this to pass on one small request counts as out of reach. */
const PATIENCE_MS = 2_500;
const OK = 200;

/**
 * Reaches guards by way of the relay, which hides our address from them, or at their own address while the relay cannot be
 * reached or cannot reach them. Which way worked is remembered for as long as this lives, so that nobody waits twice.
 */
export function createGuardTransport(http: Http): GuardTransport {
  const direct = new Set<string>();
  const post = async (url: string, body: Uint8Array): Promise<Uint8Array | undefined> => {
    const headers = { "content-type": "application/octet-stream" };
    const answer = await http.request({ method: "POST", url, headers, body, maxBytes: SEALED_GUARD_REPLY_BYTES });
    return answer?.status === OK ? answer.body : undefined;
  };
  return {
    async list(relayUrl) {
      const url = at(relayUrl, GUARDS_PATH);
      const answer = await http.request({ method: "GET", url, headers: {}, maxBytes: guardList.maxBytes });
      return answer?.status === OK ? answer.body : undefined;
    },
    async send({ relayUrl, url, id }, body) {
      const relayed = at(relayUrl, `${GUARDS_PATH}/${id}`);
      const own = at(url, GUARD_PATH);
      const [first, second] = direct.has(id) ? [own, relayed] : [relayed, own];
      const answer = await post(first, body);
      if (answer !== undefined) return answer;
      const other = await post(second, body);
      if (other === undefined) return undefined;
      if (second === own) direct.add(id);
      else direct.delete(id);
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

function at(base: string, path: string): string {
  return new URL(path, base).href;
}
