import { fc, test } from "@fast-check/vitest";
import { toHex, type ConversationSettings, type IdentityKey } from "@stonechat/protocol";
import { describe, expect } from "vitest";
import { MAX_TIMER_SECONDS } from "../client-views.ts";
import { checkPolicy, settingsAfter, type Change } from "./policy.ts";

const key = (n: number): IdentityKey => new Uint8Array(32).fill(n) as IdentityKey;
const id = (n: number): string => toHex(key(n));
const [ADMIN, OTHER_ADMIN, MEMBER, PEER, STRANGER] = [1, 2, 3, 4, 5] as const;

const group: ConversationSettings = {
  kind: "group",
  name: "Team",
  admins: [key(ADMIN), key(OTHER_ADMIN)],
  whoMayAdd: "admins",
  timerSeconds: 0,
};
const direct: ConversationSettings = { ...group, kind: "direct", name: "", admins: [] };
const own: ConversationSettings = { ...direct, kind: "own" };

/** What a commit does besides renewing a path. */
const ACTIONS = [
  "nothing",
  "add a stranger",
  "add a device of the committer",
  "add a device of another member",
  "add a stranger and a device of the committer",
  "remove a device of the committer",
  "remove a member",
  "remove an admin",
  "remove a member who asked to leave",
  "remove an admin who asked to leave",
  "remove one who asked to leave and one who did not",
  "rename",
  "give a name of nothing",
  "set a timer",
  "set a timer of years",
  "let members add",
  "name another admin",
  "take an admin's role",
  "have no admins",
  "make a stranger an admin",
  "name admins in the wrong order",
  "name an admin twice",
  "change the kind",
] as const;
type Action = (typeof ACTIONS)[number];
const SITUATIONS = ["group, admins add", "group, members add", "two, first commit", "two, later", "own"] as const;
type Situation = (typeof SITUATIONS)[number];
const COMMITTERS = { admin: ADMIN, member: MEMBER } as const;

function settingsOf(situation: Situation): ConversationSettings {
  switch (situation) {
    case "group, admins add":
      return group;
    case "group, members add":
      return { ...group, whoMayAdd: "members" };
    case "two, first commit":
    case "two, later":
      return direct;
    case "own":
      return own;
  }
}

/** Who is there before. In a conversation of two the first commit adds the second. */
function membersOf(situation: Situation, committer: number): readonly number[] {
  if (situation.startsWith("group")) return [ADMIN, OTHER_ADMIN, MEMBER, PEER];
  return situation === "two, later" ? [committer, PEER] : [committer];
}

function effect(
  action: Action,
  committer: number,
  settings: ConversationSettings,
): Partial<{
  added: number[];
  removed: number[];
  leaving: number[];
  settings: ConversationSettings;
}> {
  const admins = (...numbers: number[]): { settings: ConversationSettings } => ({
    settings: { ...settings, name: settings.name || "x", admins: numbers.map(key) },
  });
  switch (action) {
    case "nothing":
      return {};
    case "add a stranger":
      return { added: [STRANGER] };
    case "add a device of the committer":
      return { added: [committer] };
    case "add a device of another member":
      return { added: [PEER] };
    case "add a stranger and a device of the committer":
      return { added: [STRANGER, committer] };
    case "remove a device of the committer":
      return { removed: [committer] };
    case "remove a member":
      return { removed: [PEER] };
    case "remove an admin":
      return { removed: [OTHER_ADMIN] };
    case "remove a member who asked to leave":
      return { removed: [PEER], leaving: [PEER] };
    case "remove an admin who asked to leave":
      return { removed: [OTHER_ADMIN], leaving: [OTHER_ADMIN] };
    case "remove one who asked to leave and one who did not":
      return { removed: [PEER, OTHER_ADMIN], leaving: [PEER] };
    case "rename":
      return { settings: { ...settings, name: "Crew" } };
    case "give a name of nothing":
      return { settings: { ...settings, name: "  " } };
    case "set a timer":
      return { settings: { ...settings, timerSeconds: 60 } };
    case "set a timer of years":
      return { settings: { ...settings, timerSeconds: MAX_TIMER_SECONDS + 1 } };
    case "let members add":
      return { settings: { ...settings, whoMayAdd: "members" } };
    case "name another admin":
      return admins(ADMIN, OTHER_ADMIN, PEER);
    case "take an admin's role":
      return admins(ADMIN);
    case "have no admins":
      return admins();
    case "make a stranger an admin":
      return admins(ADMIN, STRANGER);
    case "name admins in the wrong order":
      return admins(OTHER_ADMIN, ADMIN);
    case "name an admin twice":
      return admins(ADMIN, ADMIN);
    case "change the kind":
      return { settings: { ...settings, kind: settings.kind === "direct" ? "group" : "direct" } };
  }
}

function toChange(situation: Situation, role: keyof typeof COMMITTERS, action: Action): Change {
  const committer = COMMITTERS[role];
  const settings = settingsOf(situation);
  const before = membersOf(situation, committer);
  const { added = [], removed = [], leaving = [], settings: newSettings } = effect(action, committer, settings);
  // Removing one device of the committer leaves his others: a commit never removes the leaf that made it.
  const gone = new Set(removed.filter((member) => member !== committer));
  return {
    settings,
    before: new Set(before.map(id)),
    first: situation === "two, first commit",
    committer: id(committer),
    added: added.map(id),
    removed: removed.map(id),
    after: new Set([...before.filter((member) => !gone.has(member)), ...added].map(id)),
    leaving: new Set(leaving.map(id)),
    newSettings,
  };
}

/** The rules once more, as a list of what is allowed: everything else must be refused. */
function isAllowed(situation: Situation, role: keyof typeof COMMITTERS, action: Action): boolean {
  const always: readonly Action[] = [
    "nothing",
    "add a device of the committer",
    "remove a device of the committer",
    "remove a member who asked to leave",
    "remove an admin who asked to leave",
  ];
  if (always.includes(action)) return true;
  const additions: readonly Action[] = [
    "add a stranger",
    "add a device of another member",
    "add a stranger and a device of the committer",
  ];
  const byAdmins: readonly Action[] = [
    "remove a member",
    "remove an admin",
    "remove one who asked to leave and one who did not",
    "rename",
    "set a timer",
    "let members add",
    "name another admin",
    "take an admin's role",
  ];
  switch (situation) {
    case "group, admins add":
      return role === "admin" && (additions.includes(action) || byAdmins.includes(action));
    case "group, members add":
      return additions.includes(action) || (role === "admin" && byAdmins.includes(action));
    case "two, first commit":
      return additions.includes(action) || action === "set a timer";
    case "two, later":
    case "own":
      return action === "set a timer";
  }
}

describe("who may do what", () => {
  const cells = SITUATIONS.flatMap((situation) =>
    (["admin", "member"] as const).flatMap((role) => ACTIONS.map((action) => [situation, role, action] as const)),
  );
  test("at least 200 cells are tried", () => {
    expect(cells.length).toBeGreaterThanOrEqual(200);
  });
  test.each(cells)("%s: %s: %s", (situation, role, action) => {
    const outcome = checkPolicy(toChange(situation, role, action));
    expect(outcome === "ok").toBe(isAllowed(situation, role, action));
  });
});

describe("each rule has its own refusal", () => {
  test.each([
    [
      "a member adds to a group of which only admins may add to",
      "may-not-add",
      "group, admins add",
      "member",
      "add a stranger",
    ],
    ["a third joins a conversation of two", "direct-is-of-two", "two, later", "member", "add a stranger"],
    [
      "a device of the other is added to a conversation of two",
      "may-not-add",
      "two, later",
      "member",
      "add a device of another member",
    ],
    ["somebody else joins an own group", "own-is-of-one", "own", "member", "add a stranger"],
    ["a member removes another", "may-not-remove", "group, admins add", "member", "remove a member"],
    ["one of two removes the other", "may-not-remove", "two, later", "member", "remove a member"],
    ["a member renames", "may-not-change", "group, members add", "member", "rename"],
    ["a conversation of two gets a name", "may-not-change", "two, later", "admin", "rename"],
    ["a member sets a group's timer", "may-not-change", "group, members add", "member", "set a timer"],
    ["a timer runs for years", "bad-timer", "two, later", "member", "set a timer of years"],
    ["a group gets no name", "bad-name", "group, admins add", "admin", "give a name of nothing"],
    ["a group gets no admin", "no-admin", "group, admins add", "admin", "have no admins"],
    ["a stranger becomes admin", "admin-not-member", "group, admins add", "admin", "make a stranger an admin"],
    ["a group becomes another kind", "kind-is-fixed", "group, admins add", "admin", "change the kind"],
    ["admins stand in the wrong order", "bad-order", "group, admins add", "admin", "name admins in the wrong order"],
    ["an admin stands twice", "bad-order", "group, admins add", "admin", "name an admin twice"],
  ] as const)("%s: %s", (_, refusal, situation, role, action) => {
    expect(checkPolicy(toChange(situation, role, action))).toBe(refusal);
  });
});

test("a conversation has at most 500 accounts", () => {
  const change = toChange("group, admins add", "admin", "add a stranger");
  const sized = (count: number): Change => ({
    ...change,
    after: new Set([...change.after, ...Array.from({ length: count }, (_, i) => String(i))].slice(0, count)),
  });
  expect(checkPolicy(sized(500))).toBe("ok");
  expect(checkPolicy(sized(501))).toBe("too-many-members");
});

describe("settings after a commit", () => {
  const members = (...numbers: readonly number[]): readonly IdentityKey[] => numbers.map(key);

  test("stay when nothing is changed", () => {
    expect(settingsAfter(group, undefined, members(ADMIN, OTHER_ADMIN, MEMBER))).toEqual(group);
  });

  test("are those that the commit says", () => {
    const next = { ...group, name: "Crew" };
    expect(settingsAfter(group, next, members(ADMIN, OTHER_ADMIN))).toEqual(next);
  });

  test("name no admin who is gone", () => {
    expect(settingsAfter(group, undefined, members(OTHER_ADMIN, MEMBER)).admins).toEqual([key(OTHER_ADMIN)]);
  });

  test("make the smallest key the admin when the last one is gone", () => {
    expect(settingsAfter(group, undefined, members(PEER, MEMBER)).admins).toEqual([key(MEMBER)]);
  });

  test("of two and of one stay without admins", () => {
    expect(settingsAfter(direct, undefined, members(ADMIN)).admins).toEqual([]);
    expect(settingsAfter(own, undefined, members(ADMIN)).admins).toEqual([]);
  });

  test.prop([
    fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
    fc.uniqueArray(fc.integer({ min: 1, max: 9 })),
  ])("always leave a group an admin who is a member, whatever order the members come in", (present, admins) => {
    const settings = { ...group, admins: admins.toSorted((a, b) => a - b).map(key) };
    const { admins: next } = settingsAfter(settings, undefined, members(...present));
    const ids = new Set(present.map(id));
    expect(next.length).toBeGreaterThan(0);
    expect(next.every((admin) => ids.has(toHex(admin)))).toBe(true);
    expect(settingsAfter(settings, undefined, members(...present.toReversed())).admins).toEqual(next);
  });
});
