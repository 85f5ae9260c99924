import type { Locator } from "playwright-core";
import type { WebUser } from "./web-user.ts";

/** Locks by the row in the settings, as a person does who is not in a hurry. */
export async function lock(user: WebUser): Promise<void> {
  await user.visit("#/security");
  await user.page.getByRole("button", { name: user.texts["security.lock-now"] }).click();
  await lockScreen(user).waitFor();
}

/** What says that the vault is locked. */
export function lockScreen({ page, texts }: WebUser): Locator {
  return page.getByRole("heading", { name: texts["lock.title"] });
}

/** On the lock screen: gives a secret that opens nothing, and waits until that is said. */
export async function failToUnlock(user: WebUser, secret: string): Promise<void> {
  const { page, texts } = user;
  await page.locator('input[type="password"]').fill(secret);
  await page.getByRole("button", { name: texts["lock.open"] }).click();
  await page.getByText(texts["lock.wrong"]).waitFor();
}

/** Sets the duress PIN that the app proposes, and gives it. */
export async function setDuressPin(user: WebUser): Promise<string> {
  const { page, texts } = user;
  await user.visit("#/security");
  await page.getByRole("button", { name: texts["duress.set"] }).click();
  const pin = await acceptProposed(user, texts["duress.save"]);
  await page.getByText(texts["duress.done"]).waitFor();
  await page.getByRole("button", { name: texts["action.close"] }).click();
  // The row is there once the page has heard of the duress PIN.
  await page.getByRole("button", { name: texts["duress.change"] }).waitFor();
  return pin;
}

/** Makes a hidden vault with the PIN that the app proposes, and gives it. */
export async function makeHidden(user: WebUser): Promise<string> {
  const { page, texts } = user;
  await user.visit("#/security");
  await page.getByRole("button", { name: texts["hidden.add"] }).click();
  const pin = await acceptProposed(user, texts["hidden.save"]);
  await page.getByText(texts["hidden.done"]).waitFor();
  return pin;
}

/** From the settings of the real vault to its decoy, where the welcome screen waits the first time. */
export async function visitDecoy(user: WebUser): Promise<void> {
  const { page, texts } = user;
  await user.visit("#/security");
  await page.getByRole("button", { name: texts["duress.visit"] }).click();
  await page
    .getByRole("alertdialog")
    .or(page.getByRole("dialog"))
    .getByRole("button", { name: texts["duress.visit"] })
    .click();
  await page.getByLabel(texts["welcome.name"]).waitFor();
}

/** In an open vault without an account: chooses a name. */
export async function chooseName({ page, texts }: WebUser, name: string): Promise<void> {
  await page.getByLabel(texts["welcome.name"]).fill(name);
  await page.getByRole("button", { name: texts["welcome.create"], exact: true }).click();
  await page.getByText(texts["list.empty-title"]).waitFor();
}

/** Reads what there is to read, types the proposed PIN, and saves. */
async function acceptProposed({ page, texts }: WebUser, save: string): Promise<string> {
  await page.getByLabel(texts["wall.read"]).check();
  await page.getByRole("button", { name: texts["action.continue"] }).click();
  const pin = (await page.locator("output").filter({ hasText: /\d/ }).innerText()).trim();
  await page.getByLabel(texts["secret.again"]).fill(pin);
  await page.getByRole("button", { name: save }).click();
  return pin;
}

/** In a fresh profile: protects it with the proposed PIN, with room for a hidden vault. */
export async function protectWithRoom(user: WebUser): Promise<void> {
  const { page, texts } = user;
  await page.getByRole("button", { name: texts["setup.begin"] }).click();
  await page.getByRole("radio", { name: texts["setup.pin"] }).click();
  await page.getByText(texts["setup.advanced"]).click();
  await page.getByRole("switch", { name: texts["setup.conceal"] }).click();
  user.secret = (await page.locator("output").filter({ hasText: /\d/ }).innerText()).trim();
  await page.getByLabel(texts["secret.again"]).fill(user.secret);
  await page.getByRole("button", { name: texts["setup.make"] }).click();
  await page.getByLabel(texts["welcome.name"]).waitFor();
}

/** On the lock screen: gives a secret, and says whether it opened anything. */
export async function tryToUnlock(user: WebUser, secret: string): Promise<boolean> {
  const { page, texts } = user;
  const [wrong, locked] = [page.getByText(texts["lock.wrong"]), lockScreen(user)];
  await page.locator('input[type="password"]').fill(secret);
  await page.getByRole("button", { name: texts["lock.open"] }).click();
  return await Promise.race([
    wrong.waitFor().then(() => false),
    locked.waitFor({ state: "detached" }).then(() => true),
  ]);
}
