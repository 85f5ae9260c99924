import { initCrypto } from "@stonechat/core";
import type { ClientPort } from "./remote-client.ts";
import { openWorkerVault, toOpenFailure } from "./worker-vault.ts";
import { serveClient } from "./serve-client.ts";

/** The dedicated worker that holds keys and database. Terminating it locks the app: nothing of it lives in the page. */
const scope = globalThis as unknown as ClientPort; // a dedicated worker's global scope has both methods

try {
  await initCrypto();
  const served = await openWorkerVault((message) => {
    scope.postMessage(message);
  });
  serveClient(served, scope);
  scope.postMessage({ type: "ready" });
} catch (error) {
  scope.postMessage({ type: "open-failed", reason: toOpenFailure(error) });
}
