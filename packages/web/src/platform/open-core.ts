import type { Client } from "@stonechat/core/client-api";
import type { OpenFailure } from "./client-protocol.ts";

/** Builds the core with a browser worker's ports. */
export function openCore(): Promise<Client> {
  // SEAM: `createClient(ports)` of the core goes here.
  return Promise.reject(new TypeError("no core yet"));
}

/** What to tell the page about why the core could not be opened. */
export function toOpenFailure(error: unknown): OpenFailure {
  if (!(error instanceof Error)) return "internal";
  switch (error.name) {
    case "NoModificationAllowedError":
      return "in-use";
    case "QuotaExceededError":
    case "InvalidStateError":
    case "NotReadableError":
      return "storage";
    case "SecurityError":
    case "NotSupportedError":
      return "unsupported";
    default:
      return "internal";
  }
}
