import { ClientError, type Client, type ClientErrorCode, type ClientEvent } from "@stonechat/core/client-api";
import type { Door } from "./door.ts";

/** Every method of {@link Client} that crosses the border between page and worker. `onEvent` does not: events are pushed. */
export const CLIENT_METHODS = [
  "start",
  "close",
  "connection",
  "checkConnection",
  "settle",
  "account",
  "createAccount",
  "setName",
  "devices",
  "putBacks",
  "acknowledgePutBack",
  "settings",
  "setSettings",
  "createInvite",
  "invites",
  "revokeInvite",
  "previewLink",
  "acceptInvite",
  "requests",
  "acceptRequest",
  "declineRequest",
  "contacts",
  "contact",
  "renameContact",
  "setVerified",
  "verifyByQr",
  "setBlocked",
  "acknowledgeDevices",
  "conversations",
  "conversation",
  "members",
  "createGroup",
  "addMembers",
  "removeMember",
  "setRole",
  "renameGroup",
  "leaveGroup",
  "continueGroup",
  "clearConversation",
  "setDraft",
  "setTimer",
  "messages",
  "message",
  "send",
  "react",
  "edit",
  "deleteForEveryone",
  "deleteForMe",
  "markRead",
  "readers",
  "search",
  "download",
  "cancelTransfer",
  "openAttachment",
  "openViewOnce",
  "burn",
  "vault",
  "changeSecret",
  "recognisesSecret",
  "setDuressPin",
  "addHiddenVault",
  "lockSettings",
  "setLockSettings",
  "recoveryKit",
  "recoveryKitMadeAt",
  "revokeRecoveryKit",
  "restoreFromKit",
  "prepareTravel",
] as const satisfies readonly (keyof Client)[];

export type ClientMethod = (typeof CLIENT_METHODS)[number];

/** Every method of {@link Door}. */
export const DOOR_METHODS = [
  "status",
  "offeredGuards",
  "proposeSecret",
  "judgeSecret",
  "shuffledDigits",
  "create",
  "unlock",
  "visitDecoy",
  "close",
  "wipe",
  "forget",
  "restoreTravel",
  "beginRehearsal",
  "tryRehearsal",
  "endRehearsal",
] as const satisfies readonly (keyof Door)[];

export type DoorMethod = (typeof DOOR_METHODS)[number];

/** Fails to compile when {@link Client} or {@link Door} has a method that is not listed. */
export type MissingMethods = Exclude<keyof Client | keyof Door, ClientMethod | DoorMethod | "onEvent">;

/** From the page: a call of the open client, or of the door before it. */
export type CallMessage =
  | { readonly type: "call"; readonly id: number; readonly method: ClientMethod; readonly args: readonly unknown[] }
  | { readonly type: "ask"; readonly id: number; readonly method: DoorMethod; readonly args: readonly unknown[] };

/** Why the worker could not open the core. `in-use`: another tab holds the files. */
export type OpenFailure = "in-use" | "storage" | "newer-version" | "unsupported" | "internal";

/** From the worker. `refused` carries the code of a {@link ClientError}; `broken` is a defect of ours. */
export type WorkerMessage =
  | { readonly type: "ready" }
  | { readonly type: "open-failed"; readonly reason: OpenFailure }
  | { readonly type: "result"; readonly id: number; readonly value: unknown }
  | { readonly type: "refused"; readonly id: number; readonly code: ClientErrorCode }
  | { readonly type: "broken"; readonly id: number; readonly error: string }
  | { readonly type: "event"; readonly event: ClientEvent }
  | { readonly type: "progress"; readonly done: number; readonly total: number };

const METHODS: Readonly<Record<CallMessage["type"], ReadonlySet<unknown>>> = {
  call: new Set(CLIENT_METHODS),
  ask: new Set(DOOR_METHODS),
};

/** `undefined` unless `data` has exactly the shape of a call. */
export function parseCall(data: unknown): CallMessage | undefined {
  if (!isRecord(data) || Object.keys(data).length !== 4) return undefined;
  const { type, id, method, args } = data;
  if (type !== "call" && type !== "ask") return undefined;
  if (!isCallId(id) || !METHODS[type].has(method) || !Array.isArray(args) || args.length > 4) return undefined;
  return { type, id, method, args } as CallMessage; // checked against the lists
}

/** `undefined` unless `data` has the outer shape of a worker's message. The core's own values inside are trusted: same code. */
export function parseWorkerMessage(data: unknown): WorkerMessage | undefined {
  if (!isRecord(data)) return undefined;
  switch (data["type"]) {
    case "ready":
      return { type: "ready" };
    case "open-failed":
      return typeof data["reason"] === "string"
        ? { type: "open-failed", reason: data["reason"] as OpenFailure }
        : undefined; // a closed set on the other side
    case "result":
      return isCallId(data["id"]) ? { type: "result", id: data["id"], value: data["value"] } : undefined;
    case "refused":
      if (!isCallId(data["id"]) || typeof data["code"] !== "string") return undefined;
      return { type: "refused", id: data["id"], code: data["code"] as ClientErrorCode }; // a closed set on the other side
    case "broken":
      if (!isCallId(data["id"]) || typeof data["error"] !== "string") return undefined;
      return { type: "broken", id: data["id"], error: data["error"] };
    case "progress": {
      const { done, total } = data;
      return typeof done === "number" && typeof total === "number" ? { type: "progress", done, total } : undefined;
    }
    case "event": {
      const event = data["event"];
      return isRecord(event) && typeof event["type"] === "string"
        ? { type: "event", event: event as ClientEvent }
        : undefined; // same code on both sides
    }
    default:
      return undefined;
  }
}

/** What a worker answers when a call threw `error`. Says nothing but the code or the class's name. */
export function toRefusal(id: number, error: unknown): WorkerMessage {
  if (error instanceof ClientError) return { type: "refused", id, code: error.code };
  return { type: "broken", id, error: error instanceof Error ? error.name : "unknown" };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCallId(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
