import type { Page } from "playwright-core";
import type { Screen, Texts } from "./screen.ts";

/** As long as the fixtures wait before they cover the screen. */
const COVERED_AFTER_MS = 61_000;

async function beginSetUp(page: Page, texts: Texts): Promise<void> {
  await page.getByRole("button", { name: texts["setup.begin"] }).click();
  await page.getByRole("heading", { name: texts["setup.protect-title"] }).waitFor();
}

async function makeVault(page: Page, texts: Texts): Promise<void> {
  await beginSetUp(page, texts);
  const pin = await page.locator("output").filter({ hasText: /\d/ }).textContent();
  await page.getByLabel(texts["secret.again"]).fill(pin ?? "");
  await page.getByRole("button", { name: texts["setup.make"] }).click();
  await page.getByRole("button", { name: texts["setup.duress-later"] }).waitFor();
}

async function rehearse(page: Page, texts: Texts): Promise<void> {
  await makeVault(page, texts);
  await page.getByRole("button", { name: texts["duress.rehearse"] }).click();
  await page.getByText(texts["rehearsal.everyday"], { exact: true }).waitFor();
}

/** Types one of the rehearsal's PINs: the everyday one is shown first, the duress PIN after it. */
async function typePin(page: Page, texts: Texts, which: "everyday" | "duress"): Promise<void> {
  const pin = await page
    .locator("dd")
    .nth(which === "everyday" ? 0 : 1)
    .textContent();
  await page.getByLabel(texts["lock.secret-pin"], { exact: true }).fill(pin ?? "");
  await page.getByRole("button", { name: texts["lock.open"] }).click();
  await page.waitForTimeout(200);
}

async function wearCover(page: Page, texts: Texts): Promise<void> {
  await page.evaluate(() => {
    localStorage.setItem("stonechat.look", "notes");
  });
  await page.reload();
  await page.getByRole("heading", { name: texts["notes.title"] }).waitFor();
}

async function writeNote(page: Page, texts: Texts): Promise<void> {
  await wearCover(page, texts);
  await page.getByRole("button", { name: texts["notes.new"] }).click();
  await page.getByRole("textbox", { name: texts["notes.note"] }).fill("…");
}

/** Sets the page's clock forward until the app covers itself. */
async function waitForCover(page: Page, texts: Texts): Promise<void> {
  await page.clock.runFor(COVERED_AFTER_MS);
  await page.getByText(texts["lock.covered-lead"]).waitFor();
}

/** What stands before an open vault: setting one up, rehearsing, unlocking, the cover. */
export const SCREENS_BEFORE: readonly Screen[] = Object.freeze<Screen[]>([
  { name: "100-absent", path: "?state=absent" },
  { name: "101-evicted", path: "?state=evicted" },
  { name: "102-protect", path: "?state=absent", prepare: beginSetUp },
  {
    name: "103-protect-lower",
    path: "?state=absent",
    prepare: async (page, texts) => {
      await beginSetUp(page, texts);
      await page.getByText(texts["setup.advanced"]).click();
      await page.getByRole("switch", { name: texts["setup.conceal"] }).check();
      await page.getByRole("button", { name: texts["action.back"] }).scrollIntoViewIfNeeded();
    },
  },
  {
    name: "104-protect-passphrase",
    path: "?state=absent",
    prepare: async (page, texts) => {
      await beginSetUp(page, texts);
      await page.getByRole("radio", { name: texts["setup.passphrase"] }).check();
      await page.getByText("anchor basket").or(page.getByText("garden hammer")).first().scrollIntoViewIfNeeded();
    },
  },
  { name: "105-protect-no-guards", path: "?state=absent&guards=none", prepare: beginSetUp },
  { name: "106-duress-offer", path: "?state=absent", prepare: makeVault },
  {
    name: "107-duress-offer-wall",
    path: "?state=absent",
    prepare: async (page, texts) => {
      await makeVault(page, texts);
      await page.getByRole("button", { name: texts["duress.set"] }).click();
      await page.getByRole("checkbox").check();
    },
  },
  { name: "108-rehearsal", path: "?state=absent", prepare: rehearse },
  {
    name: "109-rehearsal-decoy",
    path: "?state=absent",
    prepare: async (page, texts) => {
      await rehearse(page, texts);
      await typePin(page, texts, "duress");
    },
  },
  {
    name: "110-rehearsal-gone",
    path: "?state=absent",
    prepare: async (page, texts) => {
      await rehearse(page, texts);
      await typePin(page, texts, "duress");
      await typePin(page, texts, "everyday");
    },
  },
  { name: "111-locked", path: "?state=locked" },
  {
    name: "112-locked-wrong",
    path: "?state=locked",
    prepare: async (page, texts) => {
      await page.getByLabel(texts["lock.secret-pin"], { exact: true }).fill("111222");
      await page.getByRole("button", { name: texts["lock.open"] }).click();
      await page.getByText(texts["lock.wrong"]).waitFor();
      await page.getByRole("button", { name: texts["lock.use-keypad"] }).click();
    },
  },
  {
    name: "113-locked-unreachable",
    path: "?state=locked",
    prepare: async (page, texts) => {
      await page.getByLabel(texts["lock.secret-pin"], { exact: true }).fill("000000");
      await page.getByRole("button", { name: texts["lock.open"] }).click();
      await page.waitForTimeout(200);
    },
  },
  { name: "114-locked-passphrase", path: "?state=locked-passphrase" },
  { name: "115-damaged", path: "?state=damaged" },
  { name: "116-covered", path: "", clock: true, prepare: waitForCover },
  { name: "117-notepad", path: "?state=locked", prepare: wearCover },
  { name: "118-notepad-note", path: "?state=locked", prepare: writeNote },
  {
    name: "119-notepad-search",
    path: "?state=locked",
    prepare: async (page, texts) => {
      await writeNote(page, texts);
      await page.getByRole("button", { name: texts["action.back"] }).click();
      await page.getByRole("searchbox").fill("111222");
    },
  },
  { name: "120-visiting-new", path: "?state=visiting-new" },
]);
