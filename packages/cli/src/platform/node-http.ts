import { createFetchHttp, type Http } from "@stonechat/core";

/** An answer that does not come, or does not end, in this time counts as none. A part of a file is 1 MiB. */
const PATIENCE_MS = 60_000;

/** HTTP by the `fetch` of Node. */
export const nodeHttp: Http = createFetchHttp((url, settings) =>
  fetch(url, { ...settings, signal: AbortSignal.timeout(PATIENCE_MS) }),
);
