import { createFetchHttp, type Http } from "@stonechat/core";

/** An answer that is not whole after so long counts as none. */
const TIMEOUT_MS = 120_000;

/** HTTP as the browser has it. */
export function createWebHttp(): Http {
  return createFetchHttp(async (url, settings) => fetch(url, { ...settings, signal: AbortSignal.timeout(TIMEOUT_MS) }));
}
