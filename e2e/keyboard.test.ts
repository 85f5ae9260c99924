import type { Locator } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { Relay } from "./actors/relay.ts";
import { openStage } from "./actors/stage.ts";
import { Terminal, type JsonLine } from "./actors/terminal.ts";
import { fill } from "./actors/texts.ts";
import { WebUser } from "./actors/web-user.ts";

const MAX_STEPS = 40;

const stage = openStage();
let relay: Relay;
let ann: WebUser;
let bo: Terminal;
let link: string;
let heard: JsonLine;

beforeAll(async () => {
  relay = stage.ends(await Relay.start(stage.folder), (one) => one.stop());
  bo = await Terminal.create(stage.folder, "Bo", relay.url);
  ann = stage.ends(await WebUser.arrive(stage.folder, "Ann", relay.url), (one) => one.browser.close());
});

/** Presses `key` until `target` has the focus. */
async function goTo(target: Locator, key = "Tab"): Promise<void> {
  await target.waitFor();
  for (let step = 0; step < MAX_STEPS; step += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await ann.page.keyboard.press(key);
  }
  const focused = await ann.page.evaluate(() => document.activeElement?.textContent);
  throw new Error(`${MAX_STEPS} times ${key} did not reach ${String(target)}; the focus is on ${String(focused)}`);
}

/** Goes to a control and presses it. */
async function press(target: Locator, key = "Tab"): Promise<void> {
  await goTo(target, key);
  await ann.page.keyboard.press("Enter");
}

test("an account is made with the keyboard alone", async () => {
  const { page, texts } = ann;
  await press(page.getByRole("button", { name: texts["setup.begin"] }));
  const proposed = page.locator("output").filter({ hasText: /\w/ });
  ann.secret = (await proposed.innerText()).trim();
  await goTo(page.getByLabel(texts["secret.again"]));
  await page.keyboard.type(ann.secret);
  await page.keyboard.press("Enter");
  await goTo(page.getByLabel(texts["welcome.name"]));
  await page.keyboard.type("Ann");
  await page.keyboard.press("Enter");
  await page.getByText(texts["list.empty-title"]).waitFor();
});

test("a link is made and copied", async () => {
  const { page, texts } = ann;
  await press(page.getByRole("button", { name: texts["list.new"] }));
  await goTo(page.getByRole("menuitem", { name: texts["invite.title"] }), "ArrowDown");
  await page.keyboard.press("Enter");
  await press(page.getByRole("button", { name: texts["invite.make"] }));
  await press(page.getByRole("button", { name: texts["invite.copy"] }));
  await page.getByText(texts["invite.copied"]).waitFor();
  link = await page.evaluate(() => navigator.clipboard.readText());
  expect(link).toContain("/#i/");
});

test("a request is accepted, and the first message is sent", async () => {
  const { page, texts } = ann;
  const listening = stage.ends(bo.listen(), (one) => one.stop());
  await bo.done("accept", link);
  await press(ann.requests());
  await press(page.getByRole("button", { name: fill(texts["requests.accept-named"], { name: "Bo" }) }));
  await ann.composer().waitFor();
  await listening.hear({ type: "contact", name: "Ann" });
  await goTo(ann.composer());
  await page.keyboard.type("Good morning, Bo");
  await page.keyboard.press("Enter");
  heard = await listening.hear({ type: "message", text: "Good morning, Bo" });
  expect(await listening.stop()).toBe(0);
});

test("a message is answered and gets a reaction", async () => {
  const { page, texts } = ann;
  await bo.done("send", "Ann", "Good morning to you", "--reply-to", String(heard["id"]));
  const message = ann.message("Good morning to you");
  await message.waitFor();
  await press(message, "Shift+Tab");
  await goTo(page.getByRole("menuitem", { name: texts["message.reply"] }), "ArrowDown");
  await page.keyboard.press("Enter");
  await goTo(ann.composer());
  await page.keyboard.type("Coffee?");
  await page.keyboard.press("Enter");
  const answer = await bo.message("Ann", "Coffee?");
  expect(answer["replyTo"]).not.toBe(null);

  // The newest message has the focus first; the arrow leads to the one before.
  await goTo(ann.message("Coffee?"), "Shift+Tab");
  await page.keyboard.press("ArrowUp");
  await expect.poll(() => message.evaluate((element) => element === document.activeElement)).toBe(true);
  await page.keyboard.press("Enter");
  await press(page.getByRole("button", { name: fill(texts["message.react-with"], { emoji: "👍" }) }), "Shift+Tab");
  await message.getByRole("button", { name: /👍/ }).waitFor();
  const reacted = await bo.message("Ann", "Good morning to you");
  expect(reacted["reactions"]).toMatchObject([{ emoji: "👍" }]);
});

test("the focus is always to be seen, and nothing was logged", async () => {
  await goTo(ann.composer());
  const outline = await ann.composer().evaluate((element) => {
    const box = element.parentElement ?? element;
    const styles = [getComputedStyle(element), getComputedStyle(box)];
    return styles.some(
      ({ outlineStyle, boxShadow, borderColor }) =>
        outlineStyle !== "none" || boxShadow !== "none" || borderColor !== "rgba(0, 0, 0, 0)",
    );
  });
  expect(outline).toBe(true);
  expect(ann.browser.problems).toEqual([]);
});
