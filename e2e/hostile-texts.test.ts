import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test, vi } from "vitest";
import { Relay } from "./actors/relay.ts";
import { openStage } from "./actors/stage.ts";
import { Terminal, type Listening } from "./actors/terminal.ts";
import { WebUser } from "./actors/web-user.ts";

const EVIL_NAME = '<img src=x onerror="document.title=666">\u202Eneve';
const EVIL_GROUP = '"><script>document.title=666</script> {{7*7}} \u202Egrp';
/** Each must stand in the page as it was written. */
const PAYLOADS = [
  "<script>document.title=666</script>",
  '<img src=x onerror="document.title=666">',
  '"><svg/onload=document.title=666>',
  "<iframe srcdoc='<script>parent.document.title=666</script>'></iframe>",
  "<style>*{display:none}</style>",
  "javascript:document.title=666",
  "[click](javascript:document.title=666) ![x](https://evil.example/p.png)",
  '<a href="https://evil.example/" ping="https://evil.example/">x</a>',
  "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
  "{{constructor.constructor('document.title=666')()}} ${7*7} #{7*7}",
  "'; DROP TABLE messages; -- \\u0000 %00 %s%n %x",
  "&lt;b&gt;not bold&lt;/b&gt; &amp; &#x3C;",
] as const;
const ODD_TEXTS = [
  "\u202Egnp.exe \u2066isolated\u2069 \u200Fmark",
  "Z\u0351\u036B\u0343\u036A\u0302\u036B\u033D\u034F\u0334\u0319\u0324\u031E\u0349\u035A\u032F\u031E\u0320\u034Dalgo",
  "👩‍👩‍👧‍👦🏳️‍🌈🇺🇳👩🏿‍🚀 ﷽ 𒐫 ꧅",
  "مرحبا world שלום 123 hello",
  "\uFEFF\u200B\u2028zero\u00ADwidth",
] as const;
const LONG = ["x".repeat(1500), "ﷺ".repeat(120), `https://example.org/${"a".repeat(900)}`] as const;
const FILE_NAMES = [
  "<img src=x onerror=document.title=666>.png",
  "photo\u202Egnp.exe",
  `${"long-name-".repeat(20)}.txt`,
  "..\\..\\windows\\system32.txt",
] as const;

const stage = openStage();
let ann: WebUser;
let bo: Terminal;
let boHears: Listening;

beforeAll(async () => {
  const relay = stage.ends(await Relay.start(stage.folder), (one) => one.stop());
  bo = Terminal.fresh(stage.folder, "Bo", relay.url);
  [ann] = await Promise.all([
    WebUser.join(stage.folder, "Ann", relay.url, { width: 390 }),
    bo.done("init", "--relay", relay.url, "--name", EVIL_NAME),
  ]);
  stage.ends(ann, (one) => one.browser.close());
  boHears = stage.ends(bo.listen(), (one) => one.stop());
  await ann.pasteLink(await bo.invite());
  await boHears.hear({ type: "contact", name: "Ann" });
});

/** Nothing may stick out of a narrow window, and no script may have run. */
async function expectCalm(): Promise<void> {
  const state = await ann.page.evaluate(() => ({
    title: document.title,
    tooWide: [document.documentElement, ...document.querySelectorAll('main, [role="log"], [role="dialog"], nav')]
      .filter((element) => element.scrollWidth > element.clientWidth + 1)
      .map((element) => `${element.localName} ${element.className}`),
    planted: document.querySelectorAll("iframe, main script, main style, main svg[onload], meta[http-equiv=refresh]")
      .length,
  }));
  expect(state).toEqual({ title: expect.stringContaining("Stonechat") as string, tooWide: [], planted: 0 });
  expect(ann.browser.problems).toEqual([]);
}

test("a hostile name is shown as text, in the list and in the conversation", async () => {
  await ann.showList();
  await ann.line("<img src=x").waitFor();
  await expectCalm();
  await ann.openConversation("<img src=x");
  await ann.page.getByRole("heading", { name: "<img src=x" }).waitFor();
  await expectCalm();
});

test("markup, scripts and templates are shown as they were written, received and sent", async () => {
  for (const payload of PAYLOADS.slice(0, 3)) await bo.done("send", "Ann", payload);
  await bo.done("send", "Ann", PAYLOADS.slice(3).join("\n"));
  const log = ann.page.getByRole("log");
  for (const payload of PAYLOADS) await expect.poll(() => log.textContent(), { timeout: 20_000 }).toContain(payload);
  for (const payload of PAYLOADS) {
    await ann.composer().fill(payload);
    await ann.composer().press("Enter");
  }
  await boHears.hear({ type: "message", text: PAYLOADS[PAYLOADS.length - 1] });
  const heard = boHears.lines.filter(({ type }) => type === "message").map(({ text }) => text);
  expect(heard).toEqual([...PAYLOADS]);
  await expectCalm();
});

test("odd scripts and directions arrive unchanged and stay inside their bubbles", async () => {
  for (const text of ODD_TEXTS) {
    await ann.composer().fill(text);
    await ann.composer().press("Enter");
    await boHears.hear({ type: "message", text: text.trim() });
  }
  await expectCalm();
});

test("long words break, as message, link and draft", async () => {
  for (const text of LONG) await bo.done("send", "Ann", text);
  const last = ann.message(LONG[2].slice(0, 60));
  await last.waitFor();
  await expectCalm();
  await ann.composer().fill(LONG[0]);
  await expectCalm();
  await ann.composer().fill("");
  await ann.showList();
  await expectCalm();
  expect(await ann.line("<img src=x").textContent()).not.toContain(ann.texts["list.draft"]);
});

test("hostile file names are shown and saved as harmless ones", async () => {
  const folder = join(stage.folder, "files");
  mkdirSync(folder);
  const paths = FILE_NAMES.map((name) => join(folder, name));
  for (const path of paths) writeFileSync(path, "harmless");
  await bo.done("send", "Ann", "four files", ...paths.flatMap((path) => ["--file", path]));
  await ann.openConversation("<img src=x");
  const message = ann.message("four files");
  await message.getByRole("button", { name: /gnp/ }).waitFor();
  await expectCalm();
  const buttons = await message.getByRole("button").all();
  const names = await Promise.all(buttons.map(async (button) => (await button.getAttribute("aria-label")) ?? ""));
  expect(names.join("")).not.toContain("\u202E");
});

test("a hostile group name is shown as text", async () => {
  await bo.done("group", "create", EVIL_GROUP, "Ann");
  await ann.showList();
  await ann.requests().click();
  await ann.page.getByRole("article").filter({ hasText: "document.title=666" }).waitFor();
  await expectCalm();
  await ann.page
    .getByRole("button", { name: /<script>/ })
    .last()
    .click();
  await ann.composer().waitFor();
  await ann.openDetails();
  await ann.page.getByRole("heading", { name: "{{7*7}}" }).waitFor();
  await expectCalm();
});

test("pasted formatting becomes plain text", async () => {
  await ann.showList();
  // The group's line, which is newer, names its maker too.
  await ann.line("<img src=x").last().click();
  await ann.composer().waitFor();
  await ann.page.evaluate(async () => {
    const types = { "text/html": "<b>bold</b> <i>words</i>", "text/plain": "bold words" };
    const blobs = Object.entries(types).map(([type, text]) => [type, new Blob([text], { type })] as const);
    await navigator.clipboard.write([new ClipboardItem(Object.fromEntries(blobs))]);
  });
  await ann.composer().focus();
  await ann.page.keyboard.press("Control+V");
  await expect.poll(() => ann.composer().inputValue()).toBe("bold words");
  await ann.composer().fill("");
  await expectCalm();
});

test.each(["#/c/../../etc", "#/c/<script>", "#i/AAAA", "#i/%00%ff", "#/settings/<img>", "#constructor"])(
  "the address %s does no harm",
  async (fragment) => {
    await ann.page.goto(new URL(fragment, ann.page.url()).href);
    // An address with a link in it makes the app load anew by itself, which may come between.
    await vi.waitFor(() => ann.page.reload(), { timeout: 20_000, interval: 200 });
    await ann.unlock();
    await ann.page.getByRole("heading").first().waitFor();
    await expectCalm();
  },
);
