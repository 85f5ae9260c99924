import { GUARDS_PATH, guardList, SEALED_GUARD_REPLY_BYTES } from "@stonechat/protocol";
import type { GuardTransport } from "../../ports/guard-transport.ts";
import type { Http } from "../../ports/http.ts";

const OK = 200;

/** Reaches guards by way of the relay alone, which passes on what it cannot read and hides our address from them. */
export function createRelayedGuards(http: Http): GuardTransport {
  return {
    async list(relayUrl) {
      const url = new URL(GUARDS_PATH, relayUrl).href;
      const answer = await http.request({ method: "GET", url, headers: {}, maxBytes: guardList.maxBytes });
      return answer?.status === OK ? answer.body : undefined;
    },
    send: ({ relayUrl, id }, body) => postToGuard(http, new URL(`${GUARDS_PATH}/${id}`, relayUrl).href, body),
  };
}

/** Posts one sealed request to a guard, or to who passes it on. Undefined if no guard answered there. */
export async function postToGuard(http: Http, url: string, body: Uint8Array): Promise<Uint8Array | undefined> {
  const headers = { "content-type": "application/octet-stream" };
  const answer = await http.request({ method: "POST", url, headers, body, maxBytes: SEALED_GUARD_REPLY_BYTES });
  return answer?.status === OK ? answer.body : undefined;
}
