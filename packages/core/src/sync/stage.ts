import { sha256 } from "@stonechat/crypto";
import {
  commitDetails,
  toHex,
  type CommitDetails,
  type ConversationSettings,
  type IdentityKey,
  type SignedDeviceList,
  type TokenHash,
} from "@stonechat/protocol";
import { write, type CoreContext } from "../context.ts";
import { exportEpochKeys, listInConversation } from "../conversations/epoch.ts";
import { compareBytes } from "../identity/device-lists.ts";
import { heldChain, heldList, identityRow, nameOf } from "../identity/identity-store.ts";
import { MlsError, type StagedCommit as MlsStagedCommit, type VerifiedKeyPackage } from "../mls/contract.ts";
import type { Transaction } from "../vault/database.ts";
import { takeKeyPackages } from "../contacts/contact-pools.ts";
import { sealEntry } from "./envelope.ts";
import { againstPolicy, leavingMembers } from "./receive-commit.ts";
import type { Runner, Snapshot } from "./runner.ts";
import {
  addIntent,
  allIntents,
  intent as intentRecord,
  loadStaged,
  stagedCommit,
  type Intent,
  type IntentOf,
  type StagedCommit,
} from "./staged-commit.ts";

/**
 * Before a contact can be added, one KeyPackage of each of its devices is taken from its pools and kept with the intent.
 * Those of whom there is none yet (their pools are unknown or empty) go on waiting in an intent of their own.
 */
export async function fetchKeyPackages(core: CoreContext, runner: Runner): Promise<void> {
  for (const { id, intent, waits } of await core.db.transaction((tx) => allIntents(tx, runner.row))) {
    if (waits || (intent.type !== "add" && intent.type !== "add-again")) continue;
    if (intent.accounts.every(({ keyPackages }) => keyPackages.length > 0)) continue;
    const ready: Account[] = [];
    const waiting: Account[] = [];
    for (const account of intent.accounts) {
      const keyPackages =
        account.keyPackages.length > 0 ? account.keyPackages : await takeKeyPackages(core, account.identityKey);
      (keyPackages.length > 0 ? ready : waiting).push({ ...account, keyPackages });
    }
    await write(core, (tx) => {
      if (ready.length === 0) {
        tx.run("UPDATE intents SET waits = 1 WHERE id = ?", id);
        return;
      }
      const data = intentRecord.encode({ ...intent, accounts: ready });
      // The intent may have been carried out or dropped meanwhile; then nobody waits for the others either.
      if (tx.run("UPDATE intents SET data = ? WHERE id = ?", data, id) === 0 || waiting.length === 0) return;
      addIntent(tx, runner.row, { ...intent, accounts: waiting }, true);
    });
  }
}

type Account = IntentOf<"add">["accounts"][number];

/** Turns the first intent that can be carried out into a commit, if none is on its way. Pointless intents are dropped. */
export async function stageNext(
  core: CoreContext,
  tx: Transaction,
  conversation: number,
  { group, record }: Snapshot,
): Promise<void> {
  if (loadStaged(tx, conversation) !== undefined) return;
  for (const next of allIntents(tx, conversation)) {
    const adds = next.intent.type === "add" || next.intent.type === "add-again" ? next.intent.accounts : [];
    if (adds.some(({ keyPackages }) => keyPackages.length === 0)) continue;
    const plan = await toPlan(core, tx, { group, record }, next.intent);
    const draft = plan === undefined ? undefined : await draftCommit(tx, { group, record }, plan);
    if (plan === undefined || draft === undefined) {
      tx.run("DELETE FROM intents WHERE id = ?", next.id);
      continue;
    }
    const { staged, authenticatedData } = draft;
    const keys = await exportEpochKeys(staged.step.group);
    const { changes } = staged.step;
    if (changes.epoch === undefined) throw new RangeError("a commit without a new epoch");
    let taken = 0;
    const welcomes = plan.add.map(({ account, packages }) => {
      taken += packages.length;
      return {
        identityKey: account.identityKey,
        via: account.via,
        welcomes: staged.welcomes.slice(taken - packages.length, taken),
      };
    });
    const value: StagedCommit = {
      body: sealEntry(record.keys.entryKey, record.logId, "commit", staged.message, core.random),
      nextReadHash: sha256(keys.readToken) as TokenHash,
      nextAppendHash: sha256(keys.appendToken) as TokenHash,
      authenticatedData,
      groupVersion: changes.version,
      epoch: changes.epoch,
      ratchets: changes.ratchets,
      added: staged.added,
      removed: staged.removed,
      tree: staged.tree,
      welcomes,
    };
    tx.run(
      "INSERT INTO staged_commits (conversation, intent, entry_id, data) VALUES (?, ?, ?, ?)",
      conversation,
      next.id,
      core.random.bytes(16),
      stagedCommit.encode(value),
    );
    return;
  }
}

/**
 * The commit of a plan; undefined if it must not be made. Others judge it by the same rules as we do: what was allowed
 * when it was wished for may not be any more, and a commit that they refuse would end the conversation for all of them.
 */
async function draftCommit(
  tx: Transaction,
  snapshot: Snapshot,
  plan: Plan,
): Promise<{ readonly staged: MlsStagedCommit; readonly authenticatedData: Uint8Array } | undefined> {
  const { group, record } = snapshot;
  const add = plan.add.flatMap(({ packages }) => packages);
  const gone = new Set(plan.remove);
  const removed = group.members().filter(({ leaf }) => gone.has(leaf));
  const commit = { committer: group.own, added: add, removed };
  if (againstPolicy(tx, record.id, snapshot, commit, plan.details) !== "ok") return undefined;
  const authenticatedData = commitDetails.encode(plan.details);
  try {
    return { staged: await group.stageCommit({ add, remove: plan.remove, authenticatedData }), authenticatedData };
  } catch (error) {
    // KeyPackages that are good by themselves and yet do not fit into this group: their owners made them so.
    if (error instanceof MlsError) return undefined;
    throw error;
  }
}

interface Plan {
  readonly add: readonly {
    readonly account: Account;
    readonly packages: readonly VerifiedKeyPackage[];
  }[];
  readonly remove: readonly number[];
  readonly details: CommitDetails;
}

/** What an intent means now; undefined if it has nothing left to do. */
async function toPlan(
  core: CoreContext,
  tx: Transaction,
  snapshot: Snapshot,
  wanted: Intent,
): Promise<Plan | undefined> {
  const { group, record } = snapshot;
  const none: CommitDetails = { settings: undefined, deviceLists: [], names: [] };
  const present = new Set(group.members().map(({ identityKey }) => toHex(identityKey)));
  switch (wanted.type) {
    case "add":
      return toAddition(core, tx, snapshot, wanted.accounts, present);
    case "add-again": {
      const plan = await toAddition(core, tx, snapshot, wanted.accounts, present);
      if (plan === undefined) return undefined;
      const wasAdmin = new Set(wanted.admins.map(toHex));
      const settings = plan.add.reduce((so, { account: { identityKey } }) => {
        return wasAdmin.has(toHex(identityKey)) ? (withRole(so, identityKey, "admin") ?? so) : so;
      }, record.settings);
      return settings === record.settings ? plan : { ...plan, details: { ...plan.details, settings } };
    }
    case "remove": {
      const ids = new Set(wanted.identityKeys.map(toHex));
      const remove = group
        .members()
        // Nobody removes the leaf that makes the commit: who leaves himself is removed by another.
        .filter(({ identityKey, leaf }) => ids.has(toHex(identityKey)) && leaf !== group.own.leaf)
        .map(({ leaf }) => leaf);
      return remove.length === 0 ? undefined : { add: [], remove, details: none };
    }
    case "rename":
      if (record.settings.name === wanted.name) return undefined;
      return { add: [], remove: [], details: { ...none, settings: { ...record.settings, name: wanted.name } } };
    case "timer":
      if (record.settings.timerSeconds === wanted.seconds) return undefined;
      return {
        add: [],
        remove: [],
        details: { ...none, settings: { ...record.settings, timerSeconds: wanted.seconds } },
      };
    case "role": {
      const settings = withRole(record.settings, wanted.identityKey, wanted.role);
      if (settings === undefined || !present.has(toHex(wanted.identityKey))) return undefined;
      return { add: [], remove: [], details: { ...none, settings } };
    }
    case "renew":
      return { add: [], remove: [], details: none };
  }
}

async function toAddition(
  core: CoreContext,
  tx: Transaction,
  { group, record }: Snapshot,
  accounts: IntentOf<"add">["accounts"],
  present: ReadonlySet<string>,
): Promise<Plan | undefined> {
  const add: { account: Account; packages: VerifiedKeyPackage[] }[] = [];
  const deviceLists: SignedDeviceList[] = [];
  const names: { identityKey: IdentityKey; name: string }[] = [];
  for (const account of accounts) {
    if (present.has(toHex(account.identityKey))) continue;
    const row = identityRow(tx, account.identityKey);
    const packages = await verifyKeyPackages(core, tx, row, account);
    if (packages.length === 0) continue;
    const known = listInConversation(tx, record.id, account.identityKey);
    deviceLists.push(...heldChain(tx, row, known === undefined ? 0 : known.list.seq + 1));
    names.push({ identityKey: account.identityKey, name: nameOf(tx, row) });
    add.push({ account, packages });
  }
  if (add.length === 0) return undefined;
  // Who comes now has not seen who asked to leave before, and would take his removal for a breach of the rules.
  const leaving = leavingMembers(tx, record.id);
  const remove = group
    .members()
    .filter(({ identityKey, leaf }) => leaving.has(toHex(identityKey)) && leaf !== group.own.leaf)
    .map(({ leaf }) => leaf);
  return { add, remove, details: { settings: undefined, deviceLists, names } };
}

/** Those KeyPackages that belong to a device which the account's newest list names, one for each device. */
async function verifyKeyPackages(
  core: CoreContext,
  tx: Transaction,
  row: number,
  account: Account,
): Promise<VerifiedKeyPackage[]> {
  const listed = new Set((heldList(tx, row)?.list.devices ?? []).map(toHex));
  const verified: VerifiedKeyPackage[] = [];
  for (const bytes of account.keyPackages) {
    try {
      const keyPackage = await core.mls.verifyKeyPackage(bytes);
      const device = toHex(keyPackage.deviceKey);
      if (toHex(keyPackage.identityKey) !== toHex(account.identityKey) || !listed.delete(device)) continue;
      verified.push(keyPackage);
    } catch (error) {
      // A bad KeyPackage is as good as none: it is the relay or its owner who made it so.
      if (!(error instanceof MlsError)) throw error;
    }
  }
  return verified;
}

function withRole(
  settings: ConversationSettings,
  key: IdentityKey,
  role: "admin" | "member",
): ConversationSettings | undefined {
  const others = settings.admins.filter((admin) => toHex(admin) !== toHex(key));
  const was = others.length < settings.admins.length;
  if (was === (role === "admin")) return undefined;
  const admins = role === "admin" ? [...others, key].sort(compareBytes) : others;
  return admins.length === 0 ? undefined : { ...settings, admins };
}
