import type { EntryId, LogId, Token } from "@stonechat/protocol";
import { write, type CoreContext } from "../context.ts";
import { RelayUnavailable } from "./relay-link.ts";

type Row = {
  readonly id: number;
  readonly relay_url: string;
  readonly log_id: Uint8Array;
  readonly append_token: Uint8Array;
  readonly entry_id: Uint8Array;
  readonly ttl_seconds: number;
  readonly body: Uint8Array;
};

/**
 * Sends what goes to logs that are not conversations: join requests and answers. Each stays until the relay has it.
 *
 * @returns Whether a relay refused something for now, as when its disk is full: ask again later.
 */
export async function sendDeliveries(core: CoreContext): Promise<boolean> {
  let refused = false;
  const rows = await core.db.transaction((tx) => tx.all<Row>("SELECT * FROM deliveries ORDER BY id"));
  for (const row of rows) {
    const { link } = core.relays.at(row.relay_url);
    if (link.state !== "online") continue;
    try {
      const reply = await link.request(
        {
          // Stored with the brands they came with.
          type: "append",
          logId: row.log_id as LogId,
          appendToken: row.append_token as Token,
          entryId: row.entry_id as EntryId,
          ttlSeconds: row.ttl_seconds,
          body: row.body,
        },
        "appended",
      );
      // A log that is gone was destroyed by its owner, who wants nothing more there.
      if (reply.type === "error" && !["unknown", "too-large", "stale-epoch"].includes(reply.code)) {
        refused = true;
        continue;
      }
      await write(core, (tx) => {
        tx.run("DELETE FROM deliveries WHERE id = ?", row.id);
      });
    } catch (error) {
      if (!(error instanceof RelayUnavailable)) throw error;
    }
  }
  return refused;
}
