import { verify } from "@stonechat/crypto/guard";
import { guardSigned, type GuardId, type GuardRequest } from "@stonechat/protocol";
import type { Known } from "./record.ts";

/** A key that nobody has: so that a signature is checked for an id that is unknown, as for any other. */
const NOBODYS_KEY = Uint8Array.from({ length: 32 }, (_, at) => (at === 0 ? 0x58 : 0x66));

/** Whether an operation needs a signature. `revoke` is proved by its secret; `hello` touches no record. */
export function isSigned(request: GuardRequest): boolean {
  return request.operation.type !== "hello" && request.operation.type !== "revoke";
}

/** Whether the holder of the record's key, or for `register` of the key in it, asks this of this guard. */
export function isAllowed(known: Known, request: GuardRequest, guardId: GuardId): boolean {
  if (!isSigned(request)) return true;
  const { recordId, nonce, operation, signature } = request;
  const message = guardSigned.encode({ guardId, recordId, nonce, operation });
  if (operation.type === "register") return verify("guard request", message, signature, operation.authKey);
  if (known.type === "alive") return verify("guard request", message, signature, known.record.authKey);
  verify("guard request", message, signature, NOBODYS_KEY);
  return false;
}
