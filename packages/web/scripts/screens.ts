import type { Page } from "playwright-core";
import { id, BEA } from "../src/fixtures/sample-ids.ts";
import { SCREENS_BEFORE } from "./screens-before.ts";
import type { Screen, Texts } from "./screen.ts";

const CHAT = `#/c/${id("c0a1")}`;
const FLEETING = `#/c/${id("c0a7")}`;
const GROUP = `#/c/${id("c0a2")}`;

async function openMenu(page: Page, texts: Texts): Promise<void> {
  const own = page
    .getByRole("article")
    .filter({ has: page.getByRole("img") })
    .last();
  await own.click({ button: "right" });
  await page.getByRole("menu", { name: texts["message.menu"] }).waitFor();
}

async function scrollDown(page: Page): Promise<void> {
  await page.getByRole("main").hover();
  await page.mouse.wheel(0, 9_000);
}

async function makeKit(page: Page, texts: Texts): Promise<void> {
  await page.getByRole("checkbox").check();
  await page.getByRole("button", { name: texts["kit.make"] }).click();
  await page.getByRole("button", { name: texts["kit.print"] }).waitFor();
}

async function startTravel(page: Page, texts: Texts): Promise<void> {
  await page.getByRole("checkbox").check();
  await page.getByRole("button", { name: texts["travel.start"] }).click();
  await page.getByRole("button", { name: texts["travel.written"] }).waitFor();
}

/** Every screen of the app, in the order in which they are drawn. */
export const SCREENS: readonly Screen[] = Object.freeze<Screen[]>([
  { name: "01-welcome", path: "?state=welcome" },
  { name: "02-welcome-invited", path: "?state=welcome#i/AAAA" },
  {
    name: "03-welcome-code",
    path: "?state=code",
    prepare: async (page, texts) => {
      await page.getByLabel(texts["welcome.name"]).fill("Alex");
      await page.getByRole("button", { name: texts["welcome.create"] }).click();
      await page.getByLabel(texts["welcome.code"]).waitFor();
    },
  },
  { name: "04-list", path: "" },
  { name: "05-list-empty", path: "?state=empty" },
  { name: "06-list-offline", path: "?state=offline" },
  {
    name: "07-list-search",
    path: "",
    prepare: async (page, texts) => {
      await page.getByRole("searchbox", { name: texts["list.search"] }).fill("lin");
      await page.waitForTimeout(400);
    },
  },
  {
    name: "08-list-new-menu",
    path: "",
    prepare: async (page, texts) => {
      await page.getByRole("button", { name: texts["list.new"] }).click();
    },
  },
  { name: "10-conversation", path: CHAT },
  { name: "11-conversation-group", path: GROUP },
  { name: "12-conversation-broken", path: `#/c/${id("c0a3")}` },
  { name: "13-conversation-blocked", path: `#/c/${id("c0a5")}` },
  { name: "14-notes", path: `#/c/${id("c0a8")}` },
  {
    name: "15-scrolled-up",
    path: CHAT,
    prepare: async (page, texts) => {
      await page.getByRole("log").hover();
      await page.mouse.wheel(0, -1_500);
      await page.getByRole("button", { name: texts["conversation.to-newest"] }).waitFor();
    },
  },
  { name: "16-message-menu", path: CHAT, prepare: openMenu },
  {
    name: "17-emoji",
    path: CHAT,
    prepare: async (page, texts) => {
      await page.getByRole("button", { name: texts["composer.emoji"] }).click();
      await page.getByRole("dialog").waitFor();
    },
  },
  {
    name: "18-reply",
    path: CHAT,
    prepare: async (page, texts) => {
      await openMenu(page, texts);
      await page.getByRole("menuitem", { name: texts["message.reply"] }).click();
      await page.getByRole("textbox", { name: texts["composer.label"] }).fill("…");
    },
  },
  {
    name: "19-edit",
    path: CHAT,
    prepare: async (page, texts) => {
      await openMenu(page, texts);
      await page.getByRole("menuitem", { name: texts["message.edit"] }).click();
      await page.getByRole("button", { name: texts["composer.stop-editing"] }).waitFor();
    },
  },
  {
    name: "20-readers",
    path: GROUP,
    prepare: async (page, texts) => {
      await page.getByRole("article").last().click({ button: "right" });
      await page.getByRole("menuitem", { name: texts["message.readers"] }).click();
      await page.getByRole("dialog", { name: texts["readers.title"] }).waitFor();
    },
  },
  {
    name: "21-delete",
    path: CHAT,
    prepare: async (page, texts) => {
      await openMenu(page, texts);
      await page.getByRole("menuitem", { name: texts["message.delete"] }).click();
      await page.getByRole("alertdialog").waitFor();
    },
  },
  {
    name: "22-leave",
    path: CHAT,
    prepare: async (page) => {
      await page.getByRole("log").hover();
      await page.mouse.wheel(0, -700);
      await page.waitForTimeout(400);
      await page.getByRole("log").getByRole("link").last().click();
      await page.getByRole("alertdialog").waitFor();
    },
  },
  {
    name: "23-attachments",
    path: CHAT,
    prepare: async (page) => {
      await page.locator("input[type=file]").setInputFiles([
        { name: "notes.pdf", mimeType: "application/pdf", buffer: Buffer.alloc(12_345) },
        {
          name: "pixel.png",
          mimeType: "image/png",
          buffer: Buffer.from(
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
            "base64",
          ),
        },
      ]);
      await page.getByText("pixel.png").waitFor();
    },
  },
  { name: "30-new-contact", path: "#/new" },
  {
    name: "31-invite-ready",
    path: "#/new",
    prepare: async (page, texts) => {
      await page.getByRole("button", { name: texts["invite.make"] }).click();
      await page.getByRole("img", { name: texts["invite.qr"] }).waitFor();
    },
  },
  { name: "32-invited", path: "#i/AAAA" },
  { name: "33-invite-expired", path: "#i/expired" },
  {
    name: "34-scan",
    path: "#/new",
    prepare: async (page, texts) => {
      await page.getByRole("button", { name: texts["scan.start"], exact: true }).click();
      await page.getByText(texts["scan.no-camera"]).waitFor();
    },
  },
  { name: "35-requests", path: "#/requests" },
  { name: "36-requests-empty", path: "?state=empty#/requests" },
  { name: "40-contact", path: `${CHAT}/about` },
  { name: "41-contact-verified", path: `#/c/${id("c0a7")}/about` },
  { name: "42-group", path: `${GROUP}/about` },
  {
    name: "43-group-member-menu",
    path: `${GROUP}/about`,
    prepare: async (page) => {
      await page.getByRole("main").getByRole("button", { expanded: false }).nth(0).click();
    },
  },
  { name: "44-new-group", path: "#/new-group" },
  { name: "45-new-group-nobody", path: "?state=empty#/new-group" },
  { name: "46-notes-about", path: `#/c/${id("c0a8")}/about` },
  { name: "50-settings", path: "#/settings" },
  { name: "60-other-tab", path: "?state=tab" },
  { name: "61-failed", path: "?state=failed" },
  { name: "62-gone", path: `#/c/${BEA}` },
  { name: "70-security", path: "#/security" },
  { name: "71-security-lower", path: "#/security", prepare: scrollDown },
  { name: "72-security-passphrase", path: "?state=passphrase#/security" },
  { name: "73-security-one-guard", path: "?state=one-guard#/security" },
  { name: "74-security-conceal", path: "?state=conceal#/security" },
  {
    name: "75-change-pin",
    path: "#/security",
    prepare: async (page, texts) => {
      await page.getByRole("button", { name: texts["security.change-pin"] }).click();
      await page.getByText("482913").waitFor();
    },
  },
  {
    name: "76-change-own",
    path: "#/security",
    prepare: async (page, texts) => {
      await page.getByRole("button", { name: texts["security.change-pin"] }).click();
      await page.getByText(texts["secret.way-own"]).click();
      await page.getByLabel(texts["secret.new-pin"], { exact: true }).fill("123456");
      await page.getByLabel(texts["secret.again"]).fill("9");
      await page.getByText(texts["secret.judged-common"]).waitFor();
    },
  },
  {
    name: "77-duress-wall",
    path: "#/security",
    prepare: async (page, texts) => {
      await page.getByRole("button", { name: texts["duress.set"] }).click();
      await page.getByRole("checkbox").waitFor();
    },
  },
  {
    name: "78-duress-set",
    path: "#/security",
    prepare: async (page, texts) => {
      await page.getByRole("button", { name: texts["duress.set"] }).click();
      await page.getByRole("checkbox").check();
      await page.getByRole("button", { name: texts["action.continue"] }).click();
      const pin = await page.getByRole("dialog").locator("output").textContent();
      await page.getByLabel(texts["secret.again"]).fill(pin ?? "");
      await page.getByRole("button", { name: texts["duress.save"] }).click();
      await page.getByText(texts["duress.done"]).waitFor();
    },
  },
  {
    name: "79-hidden-wall",
    path: "?state=conceal#/security",
    prepare: async (page, texts) => {
      await page.getByRole("button", { name: texts["hidden.add"] }).click();
      await page.getByRole("checkbox").waitFor();
    },
  },
  {
    name: "80-erase",
    path: "#/security",
    prepare: async (page, texts) => {
      await page.getByRole("button", { name: texts["erase.title"] }).click();
      await page.getByRole("alertdialog").waitFor();
    },
  },
  { name: "81-foreign-guesses", path: "?state=foreign-guesses" },
  { name: "82-visiting", path: "?state=visiting" },
  { name: "83-disappearing", path: FLEETING },
  {
    name: "84-timer",
    path: FLEETING,
    prepare: async (page, texts) => {
      await page
        .getByRole("button", { name: texts["timer.change"].slice(0, 8) })
        .first()
        .click();
      await page.getByText(texts["timer.own"]).click();
    },
  },
  {
    name: "85-message-timer",
    path: FLEETING,
    prepare: async (page, texts) => {
      await page.getByRole("button", { name: texts["composer.timer"] }).click();
      await page.getByRole("radio").nth(1).check();
      await page.getByRole("button", { name: texts["action.save"] }).click();
      await page.getByRole("textbox", { name: texts["composer.label"] }).fill("…");
      await page.getByRole("button", { name: texts["composer.timer-clear"] }).waitFor();
    },
  },
  {
    name: "86-view-once-file",
    path: CHAT,
    prepare: async (page, texts) => {
      const mimeType = "audio/ogg";
      await page.locator("input[type=file]").setInputFiles([{ name: "note.ogg", mimeType, buffer: Buffer.alloc(999) }]);
      await page.getByRole("switch", { name: texts["composer.view-once"] }).check();
    },
  },
  {
    name: "87-view-once",
    path: FLEETING,
    prepare: async (page, texts) => {
      await page.getByRole("button", { name: texts["once.open"] }).click();
      await page.getByRole("dialog").getByRole("img").waitFor();
    },
  },
  { name: "88-kit", path: "#/kit" },
  { name: "89-kit-made", path: "#/kit", prepare: makeKit },
  {
    name: "90-kit-printed",
    printed: true,
    path: "#/kit",
    prepare: async (page, texts) => {
      await makeKit(page, texts);
      await page.emulateMedia({ media: "print" });
    },
  },
  { name: "91-travel", path: "#/travel" },
  { name: "92-travel-code", path: "#/travel", prepare: startTravel },
  {
    name: "93-travel-check",
    path: "#/travel",
    prepare: async (page, texts) => {
      await startTravel(page, texts);
      await page.getByRole("button", { name: texts["travel.written"] }).click();
      await page.getByRole("textbox").first().fill("wrong");
    },
  },
  { name: "94-pins", path: "#/pins" },
  { name: "95-timer-about", path: `${FLEETING}/about`, prepare: scrollDown },
  ...SCREENS_BEFORE,
]);
