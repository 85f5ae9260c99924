import { once } from "node:events";
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Locator } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import type { Look } from "./actors/browser.ts";
import { inspect, keepsPictures } from "./actors/inspect.ts";
import { startStonechat } from "./actors/processes.ts";
import { Relay } from "./actors/relay.ts";
import { openStage } from "./actors/stage.ts";
import { WebUser } from "./actors/web-user.ts";

/** 640 px are a window of 1,280 px at 200 %, 320 px the narrowest that anybody should have to use. */
const LOOKS: readonly Look[] = [
  { width: 320, theme: "light", language: "en" },
  { width: 1280, theme: "dark", language: "ar" },
  { width: 390, theme: "light", language: "en" },
  { width: 390, theme: "dark", language: "ar" },
  { width: 640, theme: "dark", language: "en" },
  { width: 640, theme: "light", language: "ar" },
  { width: 1280, theme: "light", language: "en" },
];
/** The first two differ in everything; all are for people to look at. */
const looks = keepsPictures ? LOOKS : LOOKS.slice(0, 2);
const HEIGHT = 800;

const BEFORE = ["Shall we meet at the mill?", "At nine."] as const;
const AFTER = ["Bring the ledger.", "I have it here.", "And a lamp."] as const;
const AWAY = "Written while the relay is away.";
const AGAIN = ["It is back.", "So it is."] as const;

const stage = openStage();
const backups = join(stage.folder, "backups");
let relay: Relay;
let ann: WebUser;
let bo: WebUser;

async function operate(...args: readonly string[]): Promise<void> {
  const child = startStonechat(["relay", ...args], stage.folder);
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (said += text));
  await once(child, "exit");
  expect(child.exitCode, said).toBe(0);
}

async function say(from: WebUser, to: WebUser, text: string): Promise<void> {
  await from.send(text);
  await to.message(text).waitFor();
}

async function everybodysRelayIsAway(work: () => Promise<void>): Promise<void> {
  await ann.browser.whileRelayIsAway(() => bo.browser.whileRelayIsAway(work));
}

/** What stands above everything; the conversation has a line that says the same. */
function banner({ page, texts }: WebUser): Locator {
  const understood = page.getByRole("button", { name: texts["alarm.understood"] });
  return page.getByRole("status").filter({ hasText: texts["alarm.relay-put-back.title"] }).filter({ has: understood });
}

async function expectEachOnce(texts: readonly string[]): Promise<void> {
  for (const user of [ann, bo]) {
    for (const text of texts) {
      await user.message(text).waitFor();
      expect(await user.page.getByRole("log").getByRole("article", { name: text }).count(), text).toBe(1);
    }
  }
}

beforeAll(async () => {
  relay = stage.ends(await Relay.start(stage.folder), (one) => one.stop());
  [ann, bo] = await Promise.all([
    WebUser.join(stage.folder, "Ann", relay.url),
    WebUser.join(stage.folder, "Bo", relay.url),
  ]);
  for (const user of [ann, bo]) stage.ends(user, (one) => one.browser.close());
  await bo.pasteLink(await ann.makeLink());
  await ann.accept("Bo");
  await bo.openConversation("Ann");
  await say(ann, bo, BEFORE[0]);
  await say(bo, ann, BEFORE[1]);
});

test("a relay that is put back to its backup is told to both, and costs neither a message", async () => {
  await operate("backup", backups, "--data", relay.data);
  await say(ann, bo, AFTER[0]);
  await everybodysRelayIsAway(async () => {
    await relay.stop("SIGKILL");
    await relay.start();
    await say(bo, ann, AFTER[1]);
  });
  await say(ann, bo, AFTER[2]);
  await everybodysRelayIsAway(async () => {
    await relay.stop();
    await ann.send(AWAY);
    rmSync(relay.data, { recursive: true });
    await operate("restore", backups, "--data", relay.data);
    await relay.start();
    await bo.message(AWAY).waitFor({ timeout: 60_000 });
  });
  await banner(ann).waitFor();
  await banner(bo).waitFor();
  await say(bo, ann, AGAIN[0]);
  await say(ann, bo, AGAIN[1]);
  await expectEachOnce([...BEFORE, ...AFTER, AWAY, ...AGAIN]);
});

test.each(looks)("the banner and the entry in the settings are sound at $width, $theme, $language", async (look) => {
  const { width, theme, language } = look;
  await ann.page.setViewportSize({ width, height: HEIGHT });
  await ann.page.emulateMedia({ colorScheme: theme });
  await ann.speak(language);
  const name = `${width}-${theme}-${language}`;
  await ann.page.getByText(ann.texts["settings.put-back"]).scrollIntoViewIfNeeded();
  const found = [...(await inspect(ann.page, `put-back-settings-${name}`))];
  await ann.openConversation("Bo");
  found.push(...(await inspect(ann.page, `put-back-conversation-${name}`)));
  await expect(banner(ann).isVisible()).resolves.toBe(true);
  expect(await ann.composer().isVisible()).toBe(true);
  expect([...found, ...ann.browser.problems]).toEqual([]);
});

test("the banner stays over a reload until it is put away, and the settings keep it", async () => {
  await ann.page.setViewportSize({ width: 1280, height: HEIGHT });
  await ann.speak("en");
  await ann.reload();
  await banner(ann).getByRole("button", { name: ann.texts["alarm.understood"] }).click();
  await banner(ann).waitFor({ state: "detached" });
  await ann.reload();
  await ann.visit("#/settings");
  await ann.page.getByText(ann.texts["settings.put-back"]).waitFor();
  expect(await banner(ann).count()).toBe(0);
  await banner(bo).waitFor();
});
