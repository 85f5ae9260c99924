import {
  conversationSettings,
  MAX_MEMBERS,
  toHex,
  type ConversationSettings,
  type IdentityKey,
} from "@stonechat/protocol";
import { MAX_TIMER_SECONDS } from "../client-views.ts";
import { compareBytes } from "../identity/device-lists.ts";

/** Hex of an identity key. */
type Id = string;

/** A commit as policy sees it: by accounts. */
export interface Change {
  readonly settings: ConversationSettings;
  /** The accounts that have a leaf before the commit. */
  readonly before: ReadonlySet<Id>;
  /** Nobody was ever added: the creator's first commit. */
  readonly first: boolean;
  readonly committer: Id;
  /** Owners of the leaves that the commit adds and removes. */
  readonly added: readonly Id[];
  readonly removed: readonly Id[];
  /** The accounts that have a leaf after the commit. */
  readonly after: ReadonlySet<Id>;
  /** Those who asked to be removed. */
  readonly leaving: ReadonlySet<Id>;
  readonly newSettings: ConversationSettings | undefined;
}

/** Why a commit breaks the conversation's rules. See VALIDATION.md. */
export type PolicyRefusal =
  | "may-not-add"
  | "may-not-remove"
  | "may-not-change"
  | "direct-is-of-two"
  | "own-is-of-one"
  | "no-admin"
  | "admin-not-member"
  | "kind-is-fixed"
  | "bad-name"
  | "bad-timer"
  | "too-many-members"
  | "bad-order";

/**
 * Whether a commit keeps the rules of the conversation. Every member asks this of every commit; the relay cannot.
 *
 * An account may always add and remove its own devices. Others are added by admins, or by all where the settings say so;
 * removed by admins, or by anybody if they asked to leave. A group's settings are changed by admins only; of all others
 * either member may set the timer, and nobody anything else.
 */
export function checkPolicy(change: Change): "ok" | PolicyRefusal {
  const admins = new Set(change.settings.admins.map(toHex));
  const isAdmin = admins.has(change.committer);
  const mayAdd = isAdmin || change.settings.whoMayAdd === "members";
  const others = (ids: readonly Id[]): readonly Id[] => ids.filter((id) => id !== change.committer);

  if (change.after.size > MAX_MEMBERS) return "too-many-members";
  switch (change.settings.kind) {
    case "own":
      if (change.after.size > 1) return "own-is-of-one";
      break;
    case "direct":
      if (change.after.size > 2) return "direct-is-of-two";
      if (!change.first && others(change.added).length > 0) return "may-not-add";
      break;
    case "group":
      // A new device of somebody who is a member already is his own to add.
      if (!mayAdd && others(change.added).length > 0) return "may-not-add";
      break;
  }
  if (!isAdmin && others(change.removed).some((id) => !change.leaving.has(id))) return "may-not-remove";
  if (change.settings.kind === "direct" && others(change.removed).some((id) => !change.leaving.has(id)))
    return "may-not-remove";
  return change.newSettings === undefined ? "ok" : checkSettings(change, change.newSettings, isAdmin);
}

function checkSettings(
  { settings, after }: Change,
  next: ConversationSettings,
  isAdmin: boolean,
): "ok" | PolicyRefusal {
  if (next.timerSeconds > MAX_TIMER_SECONDS) return "bad-timer";
  if (settings.kind !== "group") return differOnlyInTimer(settings, next) ? "ok" : "may-not-change";
  if (!isAdmin) return "may-not-change";
  if (next.kind !== settings.kind) return "kind-is-fixed";
  if (next.name.trim() === "") return "bad-name";
  if (next.admins.length === 0) return "no-admin";
  if (next.admins.some((key) => !after.has(toHex(key)))) return "admin-not-member";
  if (next.admins.some((key, i) => i > 0 && compareBytes(next.admins[i - 1] ?? key, key) >= 0)) return "bad-order";
  return "ok";
}

function differOnlyInTimer(settings: ConversationSettings, next: ConversationSettings): boolean {
  const { timerSeconds } = next;
  return (
    compareBytes(conversationSettings.encode({ ...settings, timerSeconds }), conversationSettings.encode(next)) === 0
  );
}

/** The settings after a commit: as it says, less the admins who are gone; never none while somebody is left. */
export function settingsAfter(
  current: ConversationSettings,
  changed: ConversationSettings | undefined,
  after: readonly IdentityKey[],
): ConversationSettings {
  const next = changed ?? current;
  if (next.kind !== "group") return next;
  const present = new Set(after.map(toHex));
  const admins = next.admins.filter((key) => present.has(toHex(key)));
  // The last admin left without naming another: the smallest key is one that all members compute alike.
  const heir = [...after].sort(compareBytes).slice(0, 1);
  return { ...next, admins: admins.length > 0 ? admins : heir };
}
