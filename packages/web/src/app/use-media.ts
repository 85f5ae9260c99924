import { useSyncExternalStore } from "react";

/** Whether a media query holds, drawn again when that changes. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const list = matchMedia(query);
      list.addEventListener("change", listener);
      return () => {
        list.removeEventListener("change", listener);
      };
    },
    () => matchMedia(query).matches,
  );
}

/** Room for list and conversation side by side. */
export function useWide(): boolean {
  return useMedia("(width >= 56.25rem)");
}
