import { list, opaque, recordId, struct, structure, text, type GuardRevocation } from "@stonechat/protocol";
import { write, type CoreContext } from "../context.ts";
import { metaValue } from "./meta.ts";

/**
 * Asks a guard to destroy a record. How guards are reached is the host's to say, as with the vault.
 *
 * @param relayUrl - The relay that publishes the guard.
 * @returns Whether the guard has said that there is no such record any more. If not it is asked again later.
 */
export type RevokeRecord = (revocation: GuardRevocation, relayUrl: string) => Promise<boolean>;

const revocation = struct({ url: text(255), recordId, secret: opaque(32) });
/** Records of lost devices that their guards have not destroyed yet. */
export const dueRevocations = metaValue(
  "due-revocations",
  structure("DueRevocations", 5000, list(revocation, 10, 4000)),
);

/** Asks for each record that is due. @returns How many are still there afterwards. */
export async function revokeGuards(
  core: CoreContext & { readonly revokeRecord: RevokeRecord | undefined },
): Promise<number> {
  const due = await core.db.transaction((tx) => dueRevocations.load(tx) ?? []);
  if (due.length === 0 || core.revokeRecord === undefined) return due.length;
  const { relayUrl } = core.account();
  const left: GuardRevocation[] = [];
  for (const one of due) if (!(await core.revokeRecord(one, relayUrl))) left.push(one);
  await write(core, (tx) => {
    if (left.length === 0) dueRevocations.clear(tx);
    else dueRevocations.save(tx, left);
  });
  return left.length;
}
