import { useEffect } from "react";
import type { Client } from "@stonechat/core/client-api";

/** Lets the core look after its connection when the page is looked at again, thaws, or the network came or changed. */
export function useConnectionCheck(client: Client): void {
  useEffect(() => {
    const check = (): void => {
      // What wakes the page may also lock the vault under this call; then there is nothing to look after.
      if (!document.hidden) client.checkConnection().catch(() => undefined);
    };
    // Not every browser tells of changes between networks.
    const network = (navigator as { readonly connection?: EventTarget }).connection;
    document.addEventListener("visibilitychange", check);
    document.addEventListener("resume", check);
    addEventListener("online", check);
    network?.addEventListener("change", check);
    return () => {
      document.removeEventListener("visibilitychange", check);
      document.removeEventListener("resume", check);
      removeEventListener("online", check);
      network?.removeEventListener("change", check);
    };
  }, [client]);
}
