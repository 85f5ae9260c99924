import { serviceWorkerScript } from "./script-urls.ts";

/** Installs what lets the app start without network. A browser that refuses only loses that. */
export async function registerServiceWorker(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  try {
    await navigator.serviceWorker.register(serviceWorkerScript(), { scope: "/", updateViaCache: "none" });
  } catch {
    // Private windows and strict settings refuse it; everything else works.
  }
}
