import { serviceWorkerScript } from "./script-urls.ts";

const MAX_DELAY_MS = 3000;

/** Installs what lets the app start without network. A browser that refuses only loses that. */
export async function registerServiceWorker(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  // It fetches the whole app for later; the first screen goes first.
  await new Promise((resolve) => {
    if ("requestIdleCallback" in globalThis) requestIdleCallback(resolve, { timeout: MAX_DELAY_MS });
    else setTimeout(resolve, MAX_DELAY_MS); // Safari
  });
  try {
    await navigator.serviceWorker.register(serviceWorkerScript(), { scope: "/", updateViaCache: "none" });
  } catch {
    // Private windows and strict settings refuse it; everything else works.
  }
}
