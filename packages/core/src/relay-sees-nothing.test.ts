import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig, startRelay, type LogLine } from "@stonechat/relay";
import { MemorySink } from "@stonechat/testkit/memory-files";
import { testSqlite } from "@stonechat/testkit/test-sqlite";
import { expect, test } from "vitest";
import { eventually, joinRelay, type RealPerson } from "./testing/real-world.ts";
import { openDatabase } from "./vault/database.ts";
import { MIGRATIONS } from "./vault/schema.ts";

/** What lies in a client's database and must not lie at the relay: keys, tokens, who is who. */
const SECRETS = [
  "SELECT key AS value FROM identities",
  "SELECT value FROM meta WHERE name = 'account'",
  "SELECT signed AS value FROM device_lists",
  "SELECT head AS value FROM device_lists",
  "SELECT secret AS value FROM contact_pools",
  "SELECT device_key AS value FROM contact_pools",
  "SELECT secret AS value FROM invites",
  "SELECT kem_private_key AS value FROM invites",
  "SELECT read_token AS value FROM invites",
  "SELECT owner_token AS value FROM invites",
  "SELECT key_package AS value FROM key_packages",
  "SELECT secret AS value FROM key_packages",
  "SELECT group_id AS value FROM conversations",
  "SELECT read_token AS value FROM conversations",
  "SELECT append_token AS value FROM conversations",
  "SELECT entry_key AS value FROM conversations",
  "SELECT state_hash AS value FROM conversations",
  "SELECT message_id AS value FROM messages",
  "SELECT data AS value FROM attachments",
];

async function secretsOf({ client, files }: RealPerson): Promise<readonly Uint8Array[]> {
  await client.close();
  const sqlite = await testSqlite();
  const db = await openDatabase({ sqlite, files, name: "stonechat.db", migrations: MIGRATIONS });
  const found = await db.transaction((tx) =>
    SECRETS.flatMap((sql) => tx.all<{ value: Uint8Array }>(sql).map(({ value }) => value)),
  );
  await db.close();
  return found.filter((bytes) => bytes.length >= 16);
}

/** Ways in which bytes could lie somewhere. A long one is recognised by any of its windows. */
function spellings(bytes: Uint8Array): readonly Buffer[] {
  const whole = Buffer.from(bytes);
  const windows: Buffer[] = [];
  for (let at = 0; at === 0 || at + 24 <= whole.length; at += 24) windows.push(whole.subarray(at, at + 24));
  return windows.flatMap((window) => [
    window,
    Buffer.from(window).reverse(),
    ...["hex", "base64", "base64url"].flatMap((encoding) => {
      const text = window.toString(encoding as BufferEncoding).replace(/=+$/, "");
      return [Buffer.from(text), Buffer.from(text.toUpperCase()), Buffer.from(text, "utf16le")];
    }),
  ]);
}

function wordSpellings(word: string): readonly Buffer[] {
  return [...spellings(Buffer.from(word)), Buffer.from(word, "utf16le"), Buffer.from(word, "utf16le").swap16()];
}

async function filesIn(folder: string): Promise<readonly { readonly name: string; readonly bytes: Buffer }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(files.map(async (name) => ({ name, bytes: await readFile(name) })));
}

/** Says yes to whoever asks next. */
async function acceptNext(person: RealPerson): Promise<void> {
  const request = await eventually(person, async () =>
    (await person.client.requests()).find(({ type }) => type !== "sent"),
  );
  await person.client.acceptRequest(request.id);
}

function arrived(person: RealPerson, conversation: string, id: string): Promise<unknown> {
  return eventually(person, () => person.client.message(conversation, id).catch(() => undefined));
}

const WORDS = [
  "Ada Quillfeather",
  "Bea Thornberry",
  "Cy Umbrellastand",
  "The Marzipan Society",
  "The Nougat Society",
  "meet me at the zeppelin",
  "meet me at the balloon",
  "a secret to be deleted",
  "blueprints-of-the-castle.txt",
  "inside of the castle there is a dragon",
  "text/x-castle",
];

test("nothing that people say, nor who they are, lies in the relay's folder or in its log", async () => {
  const folder = await mkdtemp(join(tmpdir(), "stonechat-sees-nothing-"));
  const lines: LogLine[] = [];
  const config = loadConfig({ flags: { data: join(folder, "relay"), listen: "127.0.0.1:0", admission: "open" } });
  const relay = await startRelay(config, { log: (line) => lines.push(line) });
  try {
    const [ada, bea, cy] = [
      await joinRelay(relay.url, "Ada Quillfeather"),
      await joinRelay(relay.url, "Bea Thornberry"),
      await joinRelay(relay.url, "Cy Umbrellastand"),
    ];
    const links: string[] = [];
    for (const other of [bea, cy]) {
      const { link } = await ada.client.createInvite({ reusable: false, expiresInMs: 3_600_000 });
      links.push(link.split("#i/")[1] ?? "");
      await other.client.acceptInvite(link);
      await acceptNext(ada);
      await eventually(other, async () => (await other.client.contacts())[0]);
    }
    const { link: open } = await ada.client.createInvite({ reusable: true, expiresInMs: 3_600_000 });
    links.push(open.split("#i/")[1] ?? "");
    const contactIds = (await ada.client.contacts()).map(({ id }) => id);
    const { id } = await ada.client.createGroup({ name: "The Marzipan Society", contactIds });
    for (const person of [bea, cy]) await acceptNext(person);

    const first = await ada.client.send(id, { text: "meet me at the zeppelin" });
    const second = await bea.client.send(id, { text: "a secret to be deleted" });
    const file = Buffer.from("inside of the castle there is a dragon\n".repeat(500));
    const attachment = {
      file,
      name: "blueprints-of-the-castle.txt",
      mediaType: "text/x-castle",
      kind: "file",
    } as const;
    const third = await cy.client.send(id, { text: "", attachments: [attachment] });
    for (const person of [ada, bea, cy])
      for (const message of [first, second, third]) await arrived(person, id, message.id);
    await ada.client.edit(id, first.id, "meet me at the balloon");
    await bea.client.deleteForEveryone(id, second.id);
    await bea.client.react(id, first.id, "🐉", false);
    await ada.client.renameGroup(id, "The Nougat Society");
    await eventually(cy, async () => ((await cy.client.conversation(id)).name.includes("Nougat") ? true : undefined));
    await bea.client.markRead(id, third.id);
    const file0 = (await bea.client.message(id, third.id)).attachments[0]?.id ?? "";
    await bea.client.download(id, third.id, file0);
    const sink = new MemorySink();
    await bea.client.openAttachment(id, third.id, file0, sink);
    expect(Buffer.compare(sink.bytes(), file)).toBe(0);
    await ada.client.removeMember(id, contactIds[1] ?? "");
    for (const { client } of [ada, bea, cy]) expect(await client.settle(20_000)).toBe(true);
    expect((await ada.client.members(id)).length).toBe(2);

    const secrets = (await Promise.all([ada, bea, cy].map(secretsOf))).flat();
    expect(secrets.length).toBeGreaterThan(150);
    await relay.close();

    const places = [...(await filesIn(folder)), { name: "log", bytes: Buffer.from(JSON.stringify(lines)) }];
    expect(places.length).toBeGreaterThan(2);
    expect(places.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeGreaterThan(100_000);
    const haystack = Buffer.concat(places.map(({ bytes }) => bytes));
    const needles = [...[...WORDS, ...links].flatMap(wordSpellings), ...secrets.flatMap(spellings)].filter(
      (needle) => needle.length >= 11,
    );
    expect(needles.length).toBeGreaterThan(2000);
    const seen = needles.filter((needle) => haystack.includes(needle)).map((needle) => needle.toString("latin1"));
    expect(seen).toEqual([]);
  } finally {
    await relay.close();
    await rm(folder, { recursive: true, force: true });
  }
}, 120_000);

test("the search would find what lies there", () => {
  const secret = Buffer.from("0123456789abcdef0123456789abcdef0123456789abcdef");
  for (const encoding of ["hex", "base64", "base64url"] as const) {
    const haystack = Buffer.from(`..${secret.toString(encoding)}..`);
    expect(spellings(secret).some((needle) => haystack.includes(needle))).toBe(true);
  }
  const haystack = Buffer.concat([Buffer.from("x"), Buffer.from(secret).reverse()]);
  expect(spellings(secret.subarray(0, 24)).some((needle) => haystack.includes(needle))).toBe(true);
});
