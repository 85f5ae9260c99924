import type { Reply, Request } from "@stonechat/protocol";
import type { Outcome } from "../../store/operations.ts";
import type { FrameClient } from "../frame-client.ts";
import type { Perform, StoreOperation } from "./perform.ts";
import type { TokenBook } from "./token-book.ts";

/** Far beyond any test; the relay counts from its own clock. */
const TTL_SECONDS = 1_000_000;

/** A relay's store, as one of its clients sees it. It cannot be told to erase, and does not say how much it holds. */
export function performRemotely(client: FrameClient, tokens: TokenBook): Perform {
  return async (operation) => {
    const reply = await client.ask(requestOf(operation, tokens));
    return reply.type === "error" ? refusalOf(reply) : outcomeOf(operation, reply);
  };
}

function requestOf(operation: StoreOperation, tokens: TokenBook): Request {
  switch (operation.type) {
    case "create":
      return { ...operation, admission: new Uint8Array(0) };
    case "append":
      return { ...operation, appendToken: tokens.find(operation.appendHash), ttlSeconds: TTL_SECONDS };
    case "commit":
      return { ...operation, appendToken: tokens.find(operation.appendHash) };
    case "read":
      return { ...operation, readToken: tokens.find(operation.readHash) };
    case "destroy":
      return { ...operation, ownerToken: tokens.find(operation.ownerHash) };
    case "pool-put":
      return { ...operation, ownerToken: tokens.find(operation.ownerHash), admission: new Uint8Array(0) };
    case "pool-take":
      return { ...operation, takeToken: tokens.find(operation.takeHash) };
    case "pool-status":
      return { ...operation, ownerToken: tokens.find(operation.ownerHash) };
    case "expire":
    case "stats":
      throw new RangeError("clients cannot ask for that");
  }
}

function outcomeOf(operation: StoreOperation, reply: Reply): Outcome {
  switch (reply.type) {
    case "done":
      return doneOf(operation);
    case "appended":
      // Whether it was stored before is not told.
      return { type: "appended", seq: reply.seq, epoch: 0, duplicate: true };
    case "entries": {
      const { entries, next, endOfEpoch } = reply;
      const last = endOfEpoch || entries.length === 0;
      return { type: "page", entries, next, end: last ? next : next + 1, epoch: 0, endOfEpoch };
    }
    case "taken":
      return { type: "taken", keyPackage: reply.keyPackage, lastResort: reply.lastResort };
    case "pool-status": {
      const { count, hasLastResort, lastResortUsed } = reply;
      return { type: "status", count, hasLastResort, lastResortUsed };
    }
    default:
      throw new RangeError(`the relay answered ${operation.type} with ${reply.type}`);
  }
}

function doneOf(operation: StoreOperation): Outcome {
  if (operation.type === "create") return { type: "created" };
  if (operation.type === "destroy") return { type: "destroyed" };
  return { type: "put", created: false };
}

function refusalOf({ code, seq }: Reply & { readonly type: "error" }): Outcome {
  switch (code) {
    case "exists":
    case "unknown":
    case "stale-epoch":
    case "full":
    case "storage-full":
      return { type: code };
    case "busy":
      // Too much in a short time: nothing was done.
      return { type: "full" };
    case "expired-before":
      return { type: code, seq };
    default:
      throw new RangeError(`the relay refused with ${code}`);
  }
}
