import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { LogId, Token } from "@stonechat/protocol";
import { beforeAll, expect, test } from "vitest";
import { RelayDoor, tokenHash } from "./actors/relay-door.ts";
import { Relay } from "./actors/relay.ts";
import { findSecrets, keysOf, query, wordsOf, type Secret } from "./actors/secrets.ts";
import { openStage } from "./actors/stage.ts";
import { Terminal, type Listening } from "./actors/terminal.ts";
import { fill, sentence } from "./actors/texts.ts";
import { until } from "./actors/until.ts";
import { WebUser } from "./actors/web-user.ts";

const GROUP = "Harbour festival committee";
const NAMES = ["Annabel", "Beatrix", "Cemaleddin", "Diandra", "Eliasson", "Fayezeh"] as const;
const SAID = {
  beforeFay: "The stage is booked for June.",
  byAll: "Welcome aboard, everybody is here now.",
  afterDia: "We changed the keyholder yesterday.",
  afterEli: "Only four of us are left.",
} as const;
const FILE = { name: "emergency exits.txt", content: "Nobody but us may know where the exits are. " } as const;

/** What opens the group's log at the relay, as a member's database has it. */
interface LogKeys {
  readonly logId: LogId;
  readonly readToken: Token;
  readonly appendToken: Token;
}

const stage = openStage();
const secrets: Secret[] = [];
const hearing = new Map<Terminal, Listening>();
let relay: Relay;
let ann: WebUser;
let bea: WebUser;
let cem: Terminal;
let dia: Terminal;
let eli: Terminal;
let fay: Terminal;
let diaKeys: LogKeys;

const hears = (terminal: Terminal): Listening => {
  const listening = hearing.get(terminal);
  if (listening === undefined) throw new RangeError(`${terminal.name} does not listen`);
  return listening;
};

async function groupKeys(terminal: Terminal): Promise<LogKeys> {
  secrets.push(...(await keysOf(terminal)));
  const [row] = await query(
    terminal,
    "SELECT log_id, read_token, append_token FROM conversations WHERE kind = 'group'",
  );
  // The schema says that all three are BLOBs.
  return { logId: row?.["log_id"], readToken: row?.["read_token"], appendToken: row?.["append_token"] } as LogKeys;
}

async function webMembers(): Promise<readonly WebUser[]> {
  return Promise.all(NAMES.slice(0, 2).map((name) => WebUser.join(stage.folder, name, relay.url)));
}

async function terminalMembers(): Promise<readonly Terminal[]> {
  return Promise.all(NAMES.slice(2).map((name) => Terminal.create(stage.folder, name, relay.url)));
}

beforeAll(async () => {
  // With everything in SQLite, which the tests below read beside the relay.
  const options = ["--admission", "open", "--store", "sqlite"];
  relay = stage.ends(await Relay.start(stage.folder, options), (one) => one.stop());
  const [[first, second], terminals] = await Promise.all([webMembers(), terminalMembers()]);
  if (first === undefined || second === undefined) throw new RangeError("two browsers were opened");
  [ann, bea] = [first, second];
  [cem, dia, eli, fay] = terminals as [Terminal, Terminal, Terminal, Terminal]; // four names, four terminals
  for (const user of [ann, bea]) stage.ends(user, (one) => one.browser.close());
  for (const one of terminals)
    hearing.set(
      one,
      stage.ends(one.listen(), (listening) => listening.stop()),
    );
});

test("Cem invites everybody by links", async () => {
  for (const user of [ann, bea]) await user.pasteLink(await cem.invite());
  for (const one of [dia, eli, fay]) await one.done("accept", await cem.invite(), "--wait", "30s");
  for (const name of ["Annabel", "Beatrix", "Diandra", "Eliasson", "Fayezeh"])
    await hears(cem).hear({ type: "contact", name });
});

test("a group of browsers and terminals talks", async () => {
  await cem.done("group", "create", GROUP, "Annabel", "Beatrix", "Diandra", "Eliasson");
  await Promise.all([ann, bea].map((user) => user.accept(GROUP)));
  await hears(dia).hear({ type: "request", kind: "group", name: GROUP, accepted: true });
  await hears(eli).hear({ type: "request", kind: "group", name: GROUP, accepted: true });
  await bea.send(SAID.beforeFay);
  for (const one of [cem, dia, eli]) await hears(one).hear({ type: "message", text: SAID.beforeFay, from: "Beatrix" });
  await ann.message(SAID.beforeFay).waitFor();
});

test("who is added reads everything after and nothing before", async () => {
  await cem.done("group", "add", GROUP, "Fayezeh");
  await hears(fay).hear({ type: "request", kind: "group", name: GROUP, accepted: true });
  await until("six members are in the group", async () => {
    const members = await cem.done("group", "members", GROUP);
    return members.length === 6 && members.every(({ invited }) => invited === false) ? true : undefined;
  });
  await ann.send(SAID.byAll);
  await hears(fay).hear({ type: "message", text: SAID.byAll });
  await bea.message(SAID.byAll).waitFor();
  expect(await fay.texts(GROUP)).toEqual([SAID.byAll]);
});

test("the relay gives the added member's token nothing from before", async () => {
  const keys = await groupKeys(fay);
  const door = stage.ends(await RelayDoor.open(relay.url), (one) => {
    one.close();
  });
  const reply = await door.ask({ type: "read", logId: keys.logId, readToken: keys.readToken, from: 0, limit: 100 });
  if (reply.type !== "entries") throw new Error(`the relay answered ${reply.type}`);
  const store = new DatabaseSync(join(relay.data, "relay.sqlite"), { readOnly: true });
  const held = store.prepare("SELECT count(*) AS entries FROM entry, log ON log.pk = entry.log WHERE log.id = ?");
  expect(reply.entries.length).toBeGreaterThan(0);
  expect(Number(held.get(keys.logId)?.["entries"])).toBeGreaterThan(reply.entries.length);
  store.close();
});

test("an admin made from a browser's member removes somebody there", async () => {
  await cem.done("group", "promote", GROUP, "Annabel");
  const promoted = fill(ann.texts["notice.role-admin"], { by: "Cemaleddin", names: "Annabel" });
  await ann.page.getByRole("log").getByText(sentence(promoted)).waitFor();
  diaKeys = await groupKeys(dia);
  await ann.openDetails();
  await ann.chooseForMember("Diandra", "group.remove");
  await ann.page.getByRole("alertdialog").getByRole("button", { name: ann.texts["group.remove"] }).click();
  await hears(dia).hear({ type: "member-removed" });
  await hears(cem).hear({ type: "member-removed" });
});

test("who was removed reads nothing that is sent after, and cannot write", async () => {
  await cem.done("send", GROUP, SAID.afterDia);
  await bea.message(SAID.afterDia).waitFor();
  for (const one of [eli, fay]) await hears(one).hear({ type: "message", text: SAID.afterDia });
  expect(await dia.texts(GROUP)).toEqual([SAID.beforeFay, SAID.byAll]);
  expect((await dia.run("send", GROUP, "let me in")).code).toBe(1);
});

test("the removed member's token opens nothing that came after, live or over a copy of the raw data", async () => {
  const { logId, readToken, appendToken } = diaKeys;
  const copy = join(stage.folder, "copy.sqlite");
  for (const ending of ["", "-wal"]) copyFileSync(join(relay.data, `relay.sqlite${ending}`), `${copy}${ending}`);
  const store = new DatabaseSync(copy);
  const epochs = store.prepare("SELECT number, closing_seq FROM epoch WHERE read_hash = ? OR append_hash = ?");
  const opened = epochs.all(tokenHash(readToken), tokenHash(appendToken));
  expect(opened).toHaveLength(1);
  const closing = Number(opened[0]?.["closing_seq"]);
  const newest = store.prepare("SELECT next_seq FROM log WHERE id = ?").get(logId)?.["next_seq"];
  expect(Number(newest)).toBeGreaterThan(closing + 1);
  store.close();

  const door = stage.ends(await RelayDoor.open(relay.url), (one) => {
    one.close();
  });
  const after = await door.ask({ type: "read", logId, readToken, from: closing + 1, limit: 100 });
  expect(after).toMatchObject(after.type === "entries" ? { entries: [], endOfEpoch: true } : { code: "unknown" });
  const all = await door.ask({ type: "read", logId, readToken, from: 0, limit: 1000 });
  if (all.type === "entries") expect(Math.max(...all.entries.map(({ seq }) => seq))).toBe(closing);
  const entryId = new Uint8Array(16) as never; // any will do
  const append = { type: "append", logId, appendToken, entryId, ttlSeconds: 3600, body: new Uint8Array(256) } as const;
  expect(await door.ask(append)).toMatchObject({ type: "error", code: "stale-epoch" });
  const foreign = new Uint8Array(32) as Token;
  const wrong = await door.ask({ type: "read", logId, readToken: foreign, from: 0, limit: 1 });
  expect(wrong).toMatchObject({ type: "error", code: "unknown" });
});

test("who left hears nothing more, and the others are told", async () => {
  await eli.done("group", "leave", GROUP);
  await bea.page.getByRole("log").getByText(sentence("Eliasson left")).waitFor();
  await bea.send(SAID.afterEli);
  await hears(fay).hear({ type: "message", text: SAID.afterEli });
  await hears(cem).hear({ type: "message", text: SAID.afterEli });
  const plan = join(stage.folder, FILE.name);
  writeFileSync(plan, FILE.content.repeat(2000));
  await cem.done("send", GROUP, "--file", plan);
  await until("Fayezeh has the file", () =>
    hears(fay).lines.find(
      ({ type, attachments }) => type === "message" && JSON.stringify(attachments).includes(FILE.name),
    ),
  );
  expect(await eli.texts(GROUP)).not.toContain(SAID.afterEli);
  expect(hears(dia).lines.filter(({ type }) => type === "message")).toHaveLength(2);
});

test("the relay's raw bytes hold no word, name, key or token of all that", async () => {
  for (const one of [cem, dia, eli, fay]) secrets.push(...(await keysOf(one)));
  secrets.push(...wordsOf([GROUP, FILE.name, FILE.content, ...NAMES, ...Object.values(SAID)]));
  expect(secrets.length).toBeGreaterThan(50);
  expect(findSecrets(relay, secrets)).toEqual([]);
});

test("neither page logged an error, and every line of listen was JSON", async () => {
  expect({ ann: ann.browser.problems, bea: bea.browser.problems }).toEqual({ ann: [], bea: [] });
  for (const listening of hearing.values()) {
    expect(listening.broken).toEqual([]);
    expect(await listening.stop()).toBe(0);
  }
});
