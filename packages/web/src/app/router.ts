import { useSyncExternalStore } from "react";
import type { ConversationId } from "@stonechat/core/client-api";

/** Which screen is shown. The address holds no name and no content: at most the opaque id of a conversation. */
export type Route =
  | { readonly screen: "list" }
  | { readonly screen: "conversation"; readonly id: ConversationId }
  | { readonly screen: "about"; readonly id: ConversationId }
  | { readonly screen: "new" }
  | { readonly screen: "new-group" }
  | { readonly screen: "requests" }
  | { readonly screen: "settings" };

const ID = /^[0-9a-f]{8,128}$/;
const listeners = new Set<() => void>();
let current: Route = typeof location === "undefined" ? { screen: "list" } : parseRoute(location.hash);
let navigated = false;

/** The route of a fragment; the list for anything else. */
export function parseRoute(fragment: string): Route {
  const [screen, id, part] = fragment.replace(/^#\/?/, "").split("/");
  if (screen === "c" && id !== undefined && ID.test(id))
    return { screen: part === "about" ? "about" : "conversation", id };
  switch (screen) {
    case "new":
    case "new-group":
    case "requests":
    case "settings":
      return { screen };
    default:
      return { screen: "list" };
  }
}

/** The fragment of a route: what {@link parseRoute} reads. */
export function toFragment(route: Route): string {
  switch (route.screen) {
    case "list":
      return "#/";
    case "conversation":
      return `#/c/${route.id}`;
    case "about":
      return `#/c/${route.id}/about`;
    default:
      return `#/${route.screen}`;
  }
}

export function useRoute(): Route {
  return useSyncExternalStore(subscribe, () => current);
}

/** Goes to a screen. `replace` leaves no step behind to come back to. */
export function navigate(route: Route, { replace = false }: { readonly replace?: boolean } = {}): void {
  const fragment = toFragment(route);
  if (fragment === toFragment(current)) return;
  if (replace) history.replaceState({ depth: depth() }, "", fragment);
  else history.pushState({ depth: depth() + 1 }, "", fragment);
  change(route);
}

/** One step back if the app made that step, else to `parent`. */
export function goBack(parent: Route): void {
  if (depth() > 0) history.back();
  else navigate(parent, { replace: true });
}

/** Whether the user moved between screens since the page was loaded: only then may a screen take the focus. */
export function wasNavigated(): boolean {
  return navigated;
}

/** Begins to follow the address. Call once. */
export function startRouter(): void {
  addEventListener("popstate", () => {
    change(parseRoute(location.hash));
  });
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

function change(route: Route): void {
  current = route;
  navigated = true;
  for (const listener of listeners) listener();
}

function depth(): number {
  const state: unknown = history.state;
  if (typeof state !== "object" || state === null || !("depth" in state)) return 0;
  return typeof state.depth === "number" ? state.depth : 0;
}
