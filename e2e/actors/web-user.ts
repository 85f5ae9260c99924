import type { Locator, Page } from "playwright-core";
import { Browser, type Look } from "./browser.ts";
import { anyCount, fill, TEXTS, type Language, type Texts } from "./texts.ts";

const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: "English", ar: "العربية" };

/** A file for the app to send. */
export interface SentFile {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

/** A person at the web app, who finds controls by their names as others do. */
export class WebUser {
  readonly browser: Browser;
  readonly name: string;
  texts: Texts;
  /** What opens the vault; empty before there is one. */
  secret = "";

  private constructor(browser: Browser, name: string, texts: Texts) {
    this.browser = browser;
    this.name = name;
    this.texts = texts;
  }

  /** Opens the page in a fresh profile; the welcome screen waits. */
  static async arrive(folder: string, name: string, url: string, look: Partial<Look> = {}): Promise<WebUser> {
    const profile = name.replaceAll(/\W/g, "-");
    return new WebUser(await Browser.open(folder, profile, url, look), name, TEXTS[look.language ?? "en"]);
  }

  /** Opens the page in a fresh profile and makes an account. */
  static async join(folder: string, name: string, url: string, look: Partial<Look> = {}): Promise<WebUser> {
    const user = await WebUser.arrive(folder, name, url, look);
    await user.createAccount();
    return user;
  }

  get page(): Page {
    return this.browser.page;
  }

  /** Types the address of a screen; the app takes it out of the address at once. */
  async visit(fragment: string): Promise<void> {
    await this.page.evaluate((typed) => {
      // The list is where every address leads that names no screen; its own is there already.
      location.hash = typed === "#/" ? "#/list" : typed;
    }, fragment);
  }

  /** Chooses a language in the settings. */
  async speak(language: Language): Promise<void> {
    await this.visit("#/settings");
    await this.page.getByRole("radio", { name: LANGUAGE_NAMES[language] }).click();
    this.texts = TEXTS[language];
    await this.page.getByRole("heading", { name: this.texts["settings.title"] }).waitFor();
  }

  /** In a fresh profile: protects it with the passphrase that the app proposes, or the PIN if the relay has guards. */
  async protect(mode: "passphrase" | "pin" = "passphrase"): Promise<void> {
    const { page, texts } = this;
    await page.getByRole("button", { name: texts["setup.begin"] }).click();
    await page.getByRole("radio", { name: texts[`setup.${mode}`] }).click();
    const proposed = page.locator("output").filter({ hasText: /\w/ });
    this.secret = (await proposed.innerText()).trim();
    await page.getByLabel(texts["secret.again"]).fill(this.secret);
    await page.getByRole("button", { name: texts["setup.make"] }).click();
    if (mode === "pin") await page.getByRole("button", { name: texts["setup.duress-later"] }).click();
    await page.getByLabel(texts["welcome.name"]).waitFor();
  }

  /** On the lock screen: gives the secret. Resolves when the lock screen is gone. */
  async unlock(secret = this.secret, page = this.page): Promise<void> {
    const { texts } = this;
    const locked = page.getByRole("heading", { name: texts["lock.title"] });
    await page.locator('input[type="password"]').fill(secret);
    await page.getByRole("button", { name: texts["lock.open"] }).click();
    await locked.waitFor({ state: "detached" });
  }

  /** The app covers itself when nothing is pressed for a minute, as happens to one who waits for others: opens it. */
  async uncover(): Promise<void> {
    if (await this.page.getByRole("heading", { name: this.texts["lock.title"] }).isVisible()) await this.unlock();
  }

  /** Loads the page again, and unlocks it. */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.unlock();
  }

  /** Closed before: opens Chromium on the profile again, and unlocks. */
  async reopen(): Promise<void> {
    await this.browser.open();
    await this.unlock();
  }

  /** In a fresh profile: protects it, then chooses a name. */
  async createAccount(mode: "passphrase" | "pin" = "passphrase"): Promise<void> {
    await this.protect(mode);
    const { page, texts } = this;
    await page.getByLabel(texts["welcome.name"]).fill(this.name);
    const create = new RegExp(`^(${texts["welcome.create"]}|${texts["welcome.create-and-join"]})$`);
    await page.getByRole("button", { name: create }).click();
    await page.getByRole("heading", { name: texts["welcome.title"] }).waitFor({ state: "detached" });
  }

  /** Makes a one-time link as a person does: new conversation, new contact, make a link. */
  async makeLink(): Promise<string> {
    const { page, texts } = this;
    await this.showList();
    await page.getByRole("button", { name: texts["list.new"] }).click();
    await page.getByRole("menuitem", { name: texts["invite.title"] }).click();
    await page.getByRole("button", { name: texts["invite.make"] }).click();
    return await page.getByLabel(texts["invite.link"], { exact: true }).inputValue();
  }

  /** On the screen of an invite: asks to connect. */
  async connect(): Promise<void> {
    const { page, texts } = this;
    await page.getByRole("button", { name: texts["link.connect"] }).click();
    await page.getByText(texts["link.asked-title"]).waitFor();
    await page.getByRole("button", { name: texts["action.done"] }).click();
  }

  /** Uses a link by pasting it into the app. */
  async pasteLink(link: string): Promise<void> {
    const { page, texts } = this;
    await this.showList();
    await page.getByRole("button", { name: texts["list.new"] }).click();
    await page.getByRole("menuitem", { name: texts["invite.title"] }).click();
    await page.getByLabel(texts["invite.enter"]).fill(link);
    await page.getByRole("button", { name: texts["invite.continue"] }).click();
    await this.connect();
  }

  /** Accepts the request of that person or group. */
  async accept(name: string): Promise<void> {
    const { page, texts } = this;
    await this.showList();
    await this.requests().click();
    await page.getByRole("button", { name: fill(texts["requests.accept-named"], { name }), exact: true }).click();
    await this.composer().waitFor();
  }

  /** Goes to the list of conversations; on wide windows it is always there. */
  async showList(): Promise<void> {
    const { page, texts } = this;
    const list = page.getByRole("button", { name: texts["list.new"] });
    const back = page.getByRole("button", { name: texts["action.back"], exact: true });
    await list.or(back).first().waitFor();
    while (!(await list.isVisible())) await back.first().click();
  }

  /** What leads from the list to requests that wait. */
  requests(): Locator {
    return this.page.getByRole("link", { name: anyCount(this.texts["list.requests"]) });
  }

  /** The conversation's line in the list. */
  line(name: string): Locator {
    return this.page
      .getByRole("navigation", { name: this.texts["list.label"] })
      .getByRole("link")
      .filter({ hasText: name });
  }

  async openConversation(name: string): Promise<void> {
    await this.showList();
    await this.line(name).click();
    await this.page.getByRole("region", { name: this.texts["conversation.label"] }).waitFor();
  }

  composer(): Locator {
    return this.page.getByRole("textbox", { name: this.texts["composer.label"] });
  }

  /** Writes into the open conversation. */
  async send(text: string): Promise<void> {
    await this.composer().fill(text);
    await this.page.getByRole("button", { name: this.texts["composer.send"] }).click();
    await this.message(text).waitFor();
  }

  /** The newest message of the open conversation that says `text`; not those that quote it. */
  message(text: string): Locator {
    return this.page.getByRole("log").getByRole("article", { name: text }).last();
  }

  /** Chooses an entry of a message's menu. */
  async choose(text: string, item: keyof Texts): Promise<void> {
    await this.#openMenu(text);
    await this.page.getByRole("menuitem", { name: this.texts[item] }).click();
  }

  async react(text: string, emoji: string): Promise<void> {
    await this.#openMenu(text);
    await this.page.getByRole("button", { name: fill(this.texts["message.react-with"], { emoji }) }).click();
  }

  async reply(to: string, text: string): Promise<void> {
    await this.choose(to, "message.reply");
    await this.page.getByRole("button", { name: this.texts["composer.stop-replying"] }).waitFor();
    await this.send(text);
  }

  async edit(text: string, next: string): Promise<void> {
    await this.choose(text, "message.edit");
    await this.composer().fill(next);
    await this.page.getByRole("button", { name: this.texts["composer.save"] }).click();
    await this.message(next).waitFor();
  }

  async deleteForEveryone(text: string): Promise<void> {
    await this.choose(text, "message.delete");
    await this.page.getByRole("button", { name: this.texts["delete.everyone"] }).click();
    await this.message(text).waitFor({ state: "detached" });
  }

  /** Sends files, given as bytes or as paths. */
  async sendFiles(files: readonly SentFile[] | readonly string[]): Promise<void> {
    await this.page
      .locator('input[type="file"]')
      .first()
      .setInputFiles([...files] as SentFile[]);
    await this.page.getByRole("list", { name: this.texts["composer.files"] }).waitFor();
    await this.page.getByRole("button", { name: this.texts["composer.send"] }).click();
  }

  /** Downloads a received file and saves it; gives the path of what was saved. */
  async save(name: string, timeoutMs = 60_000): Promise<string> {
    const { page, texts } = this;
    const download = page.getByRole("button", { name: fill(texts["attachment.download"], { name }) });
    const save = page.getByRole("button", { name: fill(texts["attachment.save"], { name }) });
    await download.or(save).first().waitFor({ timeout: timeoutMs });
    if (!(await save.isVisible())) await download.click();
    await save.waitFor({ timeout: timeoutMs });
    const [saved] = await Promise.all([page.waitForEvent("download", { timeout: timeoutMs }), save.click()]);
    return await saved.path();
  }

  /** Goes to the page of the open conversation: contact, group or notes. */
  async openDetails(): Promise<void> {
    const { page, texts } = this;
    const names = [
      texts["conversation.about-contact"],
      texts["conversation.about-group"],
      texts["conversation.about-own"],
    ];
    await page.getByRole("link", { name: new RegExp(names.join("|")) }).click();
  }

  /** On a group's page: chooses what to do with a member. */
  async chooseForMember(name: string, item: keyof Texts): Promise<void> {
    const { page, texts } = this;
    await page.getByRole("button", { name: fill(texts["group.member-menu"], { name }) }).click();
    await page.getByRole("menuitem", { name: texts[item] }).click();
  }

  async #openMenu(text: string): Promise<void> {
    await this.message(text).click({ button: "right" });
    await this.page.getByRole("menu", { name: this.texts["message.menu"] }).waitFor();
  }
}
