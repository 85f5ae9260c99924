import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { Look } from "./actors/browser.ts";
import { inspect, keepsPictures } from "./actors/inspect.ts";
import { root } from "./actors/processes.ts";
import { Relay } from "./actors/relay.ts";
import { openStage } from "./actors/stage.ts";
import { Terminal, type Listening } from "./actors/terminal.ts";
import { TOUR, type Places } from "./actors/tour.ts";
import { WebUser } from "./actors/web-user.ts";

/** Who writes what in the conversation that the pictures show. `>` is our own side. */
const CONVERSATION = [
  ["<", "Morning! The city has confirmed the harbour for 14 June 🎉"],
  [">", "Wonderful. Do we keep the small stage by the fish hall?"],
  ["<", "Yes, and the big one goes to the east quay, so that the ferries can still turn."],
  [">", "Then I will ask Tomas for two more generators."],
  ["<", "Please do. Here is the site plan as it stands."],
  [">", "Thank you! I will send you the budget tonight."],
] as const;
const DIRECT = "Mira Sandoval";
const GROUP = "Harbour festival";
const LOOKS: readonly Look[] = [
  { width: 390, theme: "light", language: "en" },
  { width: 1280, theme: "dark", language: "ar" },
  { width: 390, theme: "dark", language: "ar" },
  { width: 1280, theme: "light", language: "en" },
  { width: 390, theme: "light", language: "ar" },
  { width: 390, theme: "dark", language: "en" },
  { width: 1280, theme: "light", language: "ar" },
  { width: 1280, theme: "dark", language: "en" },
];
/** The first two differ in everything; all eight are for people to look at. */
const looks = keepsPictures ? LOOKS : LOOKS.slice(0, 2);
const nameOf = ({ width, theme, language }: Look): string => `${width}-${theme}-${language}`;

const stage = openStage();
let relay: Relay;
let jonas: WebUser;
let mira: Terminal;
let miraHears: Listening;
let places: Places;

beforeAll(async () => {
  relay = stage.ends(await Relay.start(stage.folder), (one) => one.stop());
  const names = ["Mira Sandoval", "Tomas"];
  const [user, first, second] = await Promise.all([
    WebUser.join(stage.folder, "Jonas", relay.url),
    ...names.map((name) => Terminal.create(stage.folder, name, relay.url)),
  ]);
  if (first === undefined || second === undefined) throw new RangeError("two names, two terminals");
  [jonas, mira] = [user, first];
  stage.ends(jonas, (one) => one.browser.close());
  miraHears = stage.ends(mira.listen(), (one) => one.stop());
  await jonas.pasteLink(await mira.invite());
  await makeGroup();
  await second.done("accept", await jonas.makeLink());
  await jonas.requests().waitFor();
  const [received, sent] = [CONVERSATION[4][1], CONVERSATION[5][1]];
  places = { direct: DIRECT, group: GROUP, received, sent, member: "Mira Sandoval" };
});

async function makeGroup(): Promise<void> {
  const { page, texts } = jonas;
  await jonas.visit("#/new-group");
  await page.getByLabel(texts["group.name"]).fill(GROUP);
  await page.getByRole("checkbox", { name: /Mira/ }).check();
  await page.getByRole("button", { name: texts["group.create"] }).click();
  await jonas.composer().waitFor();
  await miraHears.hear({ type: "request", kind: "group", name: GROUP });
  await jonas.send("Who takes the notes on Thursday?");
}

async function talk(): Promise<void> {
  // The screens before took their time.
  await jonas.uncover();
  await jonas.openConversation("Mira");
  for (const [side, text] of CONVERSATION) {
    if (side === ">") await jonas.send(text);
    else await mira.done("send", "Jonas", text);
    await jonas.message(text).waitFor();
    if (side === ">") await miraHears.hear({ type: "message", text });
  }
  const plan = join(stage.folder, "Site plan.pdf");
  writeFileSync(plan, Buffer.alloc(248_000));
  const offer = await mira.message("Jonas", CONVERSATION[5][1]);
  await mira.done("send", "Jonas", "Tomorrow is fine too.", "--reply-to", String(offer["id"]), "--file", plan);
  await jonas.message("Tomorrow is fine too.").waitFor();
  await jonas.react(CONVERSATION[0][1], "❤️");
  const question = await mira.message("Jonas", CONVERSATION[3][1]);
  await mira.done("react", "Jonas", String(question["id"]), "👍");
  await jonas.message(CONVERSATION[3][1]).getByRole("button", { name: /👍/ }).waitFor();
}

test.each(looks)("the welcome screens are sound at $width, $theme, $language", async (look) => {
  const link = await mira.invite();
  const guest = stage.ends(await WebUser.arrive(stage.folder, `Guest ${nameOf(look)}`, relay.url, look), (one) =>
    one.browser.close(),
  );
  await guest.page.getByRole("heading", { name: guest.texts["welcome.title"] }).waitFor();
  const found = [...(await inspect(guest.page, `welcome-${nameOf(look)}`))];
  await guest.page.goto("about:blank");
  await guest.page.goto(link);
  await guest.page.getByRole("heading", { name: guest.texts["welcome.invited-title"] }).waitFor();
  found.push(...(await inspect(guest.page, `welcome-invited-${nameOf(look)}`)));
  await guest.page.getByRole("button", { name: guest.texts["setup.begin"] }).click();
  await guest.page.getByRole("heading", { name: guest.texts["setup.protect-title"] }).waitFor();
  found.push(...(await inspect(guest.page, `protect-${nameOf(look)}`)));
  await guest.page.getByRole("button", { name: guest.texts["action.back"] }).click();
  await guest.createAccount();
  await guest.page.getByRole("button", { name: guest.texts["link.connect"] }).waitFor();
  found.push(...(await inspect(guest.page, `invited-${nameOf(look)}`)));
  await guest.page.getByRole("button", { name: guest.texts["link.not-now"] }).click();
  for (const [name, fragment] of [
    ["list-empty", "#/"],
    ["requests-empty", "#/requests"],
    ["new-group-nobody", "#/new-group"],
  ] as const) {
    await guest.visit(fragment);
    await guest.page.getByRole("heading").first().waitFor();
    found.push(...(await inspect(guest.page, `${name}-${nameOf(look)}`)));
  }
  await guest.page.reload();
  await guest.page.getByRole("heading", { name: guest.texts["lock.title"] }).waitFor();
  found.push(...(await inspect(guest.page, `locked-${nameOf(look)}`)));
  const second = await guest.browser.openTab();
  await second.getByRole("button", { name: guest.texts["tab.use-here"] }).waitFor();
  found.push(...(await inspect(second, `elsewhere-${nameOf(look)}`)));
  expect([...found, ...guest.browser.problems]).toEqual([]);
  await guest.browser.close();
});

test("people talk, and it looks like that", async () => {
  await talk();
  if (process.env["STONECHAT_E2E_PICTURES"] !== "1") return;
  await jonas.page.mouse.move(0, 0);
  const folder = join(root, "docs/images");
  mkdirSync(folder, { recursive: true });
  await jonas.page.screenshot({ path: join(folder, "conversation.png") });
});

test.each(looks)("every screen is sound at $width, $theme, $language", { timeout: 300_000 }, async (look) => {
  await jonas.page.setViewportSize({ width: look.width, height: look.width < 600 ? 844 : 800 });
  await jonas.page.emulateMedia({ colorScheme: look.theme });
  await jonas.speak(look.language);
  const found: string[] = [];
  for (const stop of TOUR) {
    await stop.go(jonas, places);
    found.push(...(await inspect(jonas.page, `${stop.name}-${nameOf(look)}`)));
    await stop.leave?.(jonas);
  }
  expect([...found, ...jonas.browser.problems]).toEqual([]);
});
