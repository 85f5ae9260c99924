import type { RelayErrorCode, ReplyOf } from "@stonechat/protocol";

/** The reply that refuses a request. */
export function refusal(code: RelayErrorCode, seq = 0): ReplyOf<"error"> {
  return { type: "error", code, seq };
}
