import type { LogId, ReplyOf, TokenHash } from "@stonechat/protocol";
import type { RelayLink } from "./relay-link.ts";
import type { TailEntry } from "./tail.ts";

/**
 * `unknown`: the relay does not know the log or an epoch's token. `forked`: another commit stands where one of ours stood.
 * `later`: the relay refused for now.
 */
export type GivenBack = "given" | "unknown" | "forked" | "later";

type Answer = ReplyOf<"appended"> | ReplyOf<"error">;

/**
 * Puts entries into the log again, in their order and under their ids: what is there already stays where it is. What has
 * expired, or is not kept any more, is left out, and so is a message whose epoch is over.
 *
 * @throws RelayUnavailable
 */
export async function giveBack(
  link: RelayLink,
  logId: LogId,
  entries: readonly TailEntry[],
  now: number,
): Promise<GivenBack> {
  let waiting: Promise<Answer>[] = [];
  for (const entry of entries) {
    if (entry.body === undefined) continue;
    if (entry.next === undefined) {
      if (entry.expiresAt > now) waiting.push(append(link, logId, entry, entry.body, now));
      continue;
    }
    const before = judge(await Promise.all(waiting));
    waiting = [];
    if (before !== "given") return before;
    const answer = await commit(link, logId, entry, entry.body, entry.next);
    if (answer.type === "error" && answer.code === "stale-epoch") return "forked";
    const outcome = judge([answer]);
    if (outcome !== "given") return outcome;
  }
  return judge(await Promise.all(waiting));
}

function append(link: RelayLink, logId: LogId, entry: TailEntry, body: Uint8Array, now: number): Promise<Answer> {
  const { appendToken, entryId, expiresAt } = entry;
  const ttlSeconds = Math.min(0xffff_ffff, Math.max(1, Math.ceil((expiresAt - now) / 1000)));
  return link.request({ type: "append", logId, appendToken, entryId, ttlSeconds, body }, "appended");
}

function commit(
  link: RelayLink,
  logId: LogId,
  { appendToken, entryId }: TailEntry,
  body: Uint8Array,
  next: NonNullable<TailEntry["next"]>,
): Promise<Answer> {
  const hashes = { nextReadHash: next.readHash, nextAppendHash: next.appendHash };
  return link.request({ type: "commit", logId, appendToken, entryId, body, ...hashes }, "appended");
}

function judge(answers: readonly Answer[]): GivenBack {
  let outcome: GivenBack = "given";
  for (const answer of answers) {
    if (answer.type === "appended") continue;
    switch (answer.code) {
      case "unknown":
        return "unknown";
      // Its epoch is over at the relay, the log is full, or the relay takes smaller ones now: the others must do without.
      case "stale-epoch":
      case "full":
      case "too-large":
        break;
      case "exists":
      case "not-admitted":
      case "expired-before":
      case "busy":
      case "storage-full":
      case "malformed":
      case "not-greeted":
      case "internal":
        outcome = "later";
    }
  }
  return outcome;
}

/** Makes a log that the relay has lost. @throws RelayUnavailable */
export async function makeLogAgain(
  link: RelayLink,
  logId: LogId,
  terms: { readonly readHash: TokenHash; readonly appendHash: TokenHash; readonly admission: Uint8Array },
): Promise<"made" | "exists" | "later"> {
  const reply = await link.request({ type: "create", logId, ...terms, ownerHash: undefined }, "done");
  if (reply.type === "done") return "made";
  // Where a code is wanted that we have not got, another member may have it.
  return reply.code === "exists" || reply.code === "not-admitted" ? "exists" : "later";
}
