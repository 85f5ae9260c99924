import { useSyncExternalStore } from "react";
import type { ConversationId } from "@stonechat/core/client-api";

/**
 * Which screen is shown. Kept in memory alone: the browser writes addresses and history to the disk, so all screens have
 * the same address, and history holds nothing but how many steps were made.
 */
export type Route =
  | { readonly screen: "list" }
  | { readonly screen: "conversation"; readonly id: ConversationId }
  | { readonly screen: "about"; readonly id: ConversationId }
  | { readonly screen: "new" }
  | { readonly screen: "new-group" }
  | { readonly screen: "requests" }
  | { readonly screen: "settings" }
  | { readonly screen: "security" }
  | { readonly screen: "travel" }
  | { readonly screen: "kit" }
  | { readonly screen: "pins" };

/** The address of every screen; what a link to one must carry to be a link. */
export const ADDRESS = "#/";
const START: Route = { screen: "list" };
const ID = /^[0-9a-f]{8,128}$/;
const listeners = new Set<() => void>();
/** The screens of this visit by the step at which they were reached. */
let trail: (Route | undefined)[] = [];
let current: Route = START;
let navigated = false;

/** The route that a fragment asks for, if somebody typed one; the list for anything else. */
export function parseRoute(fragment: string): Route {
  const [screen, id, part] = fragment.replace(/^#\/?/, "").split("/");
  if (screen === "c" && id !== undefined && ID.test(id))
    return { screen: part === "about" ? "about" : "conversation", id };
  switch (screen) {
    case "new":
    case "new-group":
    case "requests":
    case "settings":
    case "security":
    case "travel":
    case "kit":
    case "pins":
      return { screen };
    default:
      return START;
  }
}

export function useRoute(): Route {
  return useSyncExternalStore(subscribe, currentRoute);
}

export function currentRoute(): Route {
  return current;
}

/** Goes to a screen. `replace` leaves no step behind to come back to. */
export function navigate(route: Route, { replace = false }: { readonly replace?: boolean } = {}): void {
  if (isSame(route, current)) return;
  const at = replace ? step() : step() + 1;
  trail.length = at;
  trail[at] = route;
  if (replace) history.replaceState({ step: at }, "", ADDRESS);
  else history.pushState({ step: at }, "", ADDRESS);
  change(route);
}

/** One step back if the app made that step, else to `parent`. */
export function goBack(parent: Route): void {
  if (step() > 0) history.back();
  else navigate(parent, { replace: true });
}

/** Whether the user moved between screens since the page was loaded: only then may a screen take the focus. */
export function wasNavigated(): boolean {
  return navigated;
}

/** Begins to follow the history. Call once. */
export function startRouter(): void {
  arrive();
  navigated = false;
  addEventListener("popstate", arrive);
}

/** Forgets every screen of this visit, for locking: going back leads to the list. */
export function forgetTrail(): void {
  trail = [];
  change(START);
}

/** A step of ours, or an address that was typed; that leaves the address at once. */
function arrive(): void {
  if (stateStep() !== undefined) {
    change(trail[step()] ?? START);
    return;
  }
  const route = parseRoute(location.hash);
  if (location.hash.startsWith("#i/")) return; // an invite, which the page takes by itself
  trail = [route];
  history.replaceState({ step: 0 }, "", ADDRESS);
  change(route);
}

function isSame(a: Route, b: Route): boolean {
  return a.screen === b.screen && ("id" in a ? a.id : "") === ("id" in b ? b.id : "");
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

function step(): number {
  return stateStep() ?? 0;
}

function stateStep(): number | undefined {
  const state: unknown = history.state;
  if (typeof state !== "object" || state === null || !("step" in state)) return undefined;
  return typeof state.step === "number" && Number.isSafeInteger(state.step) && state.step >= 0 ? state.step : undefined;
}
