import type { ClientPort } from "./remote-client.ts";
import { serveClient } from "./serve-client.ts";
import { openCore, toOpenFailure } from "./open-core.ts";

/** The dedicated worker that holds keys and database. Terminating it locks the app: nothing of it lives in the page. */
const scope = globalThis as unknown as ClientPort; // a dedicated worker's global scope has both methods

try {
  serveClient(await openCore(), scope);
  scope.postMessage({ type: "ready" });
} catch (error) {
  scope.postMessage({ type: "open-failed", reason: toOpenFailure(error) });
}
