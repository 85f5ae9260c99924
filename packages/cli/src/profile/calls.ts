import { ClientError, type ClientErrorCode, type ClientEvent } from "@stonechat/core";
import { FrameError } from "./frames.ts";

/** Version of what processes of one profile say to each other. Both come from one installation, so it never negotiates. */
export const CALLS_VERSION = 3;

/** Asks the holder to lock the profile and let go of it: after a burn of what is due, or at once. */
export const END = "end";
export type Ending = "burn" | "now";

/** The process that holds the profile, as it greets. */
export interface Holder {
  readonly pid: number;
  /** When it will lock by itself, in milliseconds since 1970; null if it was not opened for a time. */
  readonly until: number | null;
  /** It runs a command that needs the profile; else it only keeps it open for others. */
  readonly busy: boolean;
}

/** What one process asks of the process that holds the profile. `start` asks it to go online. */
export interface Call {
  readonly id: number;
  readonly method: string;
  readonly args: readonly unknown[];
}

/** An error on its way to another process: name and code, and a message only where it is ours to show. */
export interface CallError {
  readonly name: string;
  readonly code: string;
}

/**
 * What the holder says. `not-begun`: it has stopped taking calls. `locked`: so it has, and nobody may take over; what it
 * has not answered by then may have happened.
 */
export type Answer =
  | { readonly type: "hello"; readonly version: number; readonly holder: Holder }
  | { readonly type: "locked" }
  | { readonly type: "result"; readonly id: number; readonly value?: unknown }
  | { readonly type: "refused"; readonly id: number; readonly error: CallError }
  | { readonly type: "not-begun"; readonly id: number }
  | { readonly type: "event"; readonly event: ClientEvent };

/** @throws {@link FrameError} unless `value` is a call. */
export function parseCall(value: unknown): Call {
  if (!isRecord(value)) throw new FrameError("not a call");
  const { id, method, args } = value;
  if (typeof id !== "number" || !Number.isSafeInteger(id) || typeof method !== "string" || !Array.isArray(args)) {
    throw new FrameError("not a call");
  }
  return { id, method, args };
}

/** @throws {@link FrameError} unless `value` is an answer. The content of results and events is the holder's word. */
export function parseAnswer(value: unknown): Answer {
  if (!isRecord(value)) throw new FrameError("not an answer");
  const { type, id, version, error, event } = value;
  if (type === "hello" && typeof version === "number") return { type, version, holder: parseHolder(value["holder"]) };
  if (type === "locked") return { type };
  if (type === "event" && isRecord(event)) {
    // The holder is the same program of the same user behind a folder closed to others.
    return { type, event: event as unknown as ClientEvent };
  }
  if (typeof id !== "number") throw new FrameError("not an answer");
  if (type === "result") return { type, id, value: value["value"] };
  if (type === "not-begun") return { type, id };
  if (type === "refused" && isRecord(error) && typeof error["name"] === "string" && typeof error["code"] === "string") {
    return { type, id, error: { name: error["name"], code: error["code"] } };
  }
  throw new FrameError("not an answer");
}

function parseHolder(value: unknown): Holder {
  if (!isRecord(value)) throw new FrameError("not a holder");
  const { pid, until, busy } = value;
  const named = typeof pid === "number" && Number.isSafeInteger(pid) && pid > 1;
  if (!named || (until !== null && typeof until !== "number") || typeof busy !== "boolean")
    throw new FrameError("not a holder");
  return { pid, until, busy };
}

/** What another process may know of an error. */
export function describeError(error: unknown): CallError {
  if (!(error instanceof Error)) return { name: "Error", code: "unknown" };
  return { name: error.name, code: "code" in error && typeof error.code === "string" ? error.code : "unknown" };
}

/** The error as the caller would have seen it in its own process. */
export function reviveError({ name, code }: CallError): Error {
  // The code was a ClientErrorCode when the holder, which is this same program, wrote it.
  if (name === "ClientError") return new ClientError(code as ClientErrorCode);
  return Object.assign(new Error(`the process that holds the profile failed: ${name} ${code}`), { code });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
