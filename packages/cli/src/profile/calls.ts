import { ClientError, type ClientErrorCode, type ClientEvent } from "@stonechat/core";
import { FrameError } from "./frames.ts";

/** Version of what processes of one profile say to each other. Both come from one installation, so it never negotiates. */
export const CALLS_VERSION = 1;

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

/** What the holder says. `closing`: it has stopped taking calls; what it has not answered, it has not begun. */
export type Answer =
  | { readonly type: "hello"; readonly version: number }
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
  if (type === "hello" && typeof version === "number") return { type, version };
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
