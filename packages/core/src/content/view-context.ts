import type { CoreContext } from "../context.ts";
import { identityRow } from "../identity/identity-store.ts";
import type { Transaction } from "../vault/database.ts";
import type { ViewContext } from "./views.ts";

/** What views need to know, as of now. */
export function viewContext(
  core: Pick<CoreContext, "account" | "clock" | "counted" | "transfers">,
  tx: Transaction,
): ViewContext {
  const account = core.account();
  return {
    account,
    ownRow: identityRow(tx, account.identityKey),
    now: core.clock.now(),
    counted: core.counted.now,
    transfer: (id) => core.transfers.progress(id),
  };
}
