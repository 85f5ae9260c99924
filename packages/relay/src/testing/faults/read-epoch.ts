import type { LogId, TokenHash } from "@stonechat/protocol";
import type { Outcome } from "../../store/operations.ts";
import type { Perform } from "./perform.ts";

type StoredEntry = (Outcome & { type: "page" })["entries"][number];

/** All that one read token shows. */
export type EpochView =
  | { readonly type: "unknown" }
  | { readonly type: "expired-before" }
  | {
      readonly type: "pages";
      readonly entries: readonly StoredEntry[];
      readonly end: number;
    };

const PAGE_ENTRIES = 200;
const PAGE_BYTES = 1_000_000;

/** Reads page after page from the beginning. @throws RangeError when the store answers what no reader can follow. */
export async function readEpoch(
  perform: Perform,
  logId: LogId,
  readHash: TokenHash,
  now: number,
  from = 0,
): Promise<EpochView> {
  const entries: StoredEntry[] = [];
  for (let at = from; ;) {
    const page = await perform({
      type: "read",
      logId,
      readHash,
      from: at,
      limit: PAGE_ENTRIES,
      maxBytes: PAGE_BYTES,
      now,
    });
    if (page.type === "unknown" || page.type === "expired-before") return { type: page.type };
    if (page.type !== "page") throw new RangeError(`a read was answered with ${page.type}`);
    entries.push(...page.entries);
    if (page.next < at) throw new RangeError("a page goes backwards");
    if (page.next >= page.end) {
      return { type: "pages", entries, end: page.end };
    }
    if (page.next === at) throw new RangeError("a page stands still before the end");
    at = page.next;
  }
}
