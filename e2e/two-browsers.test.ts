import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { Relay } from "./actors/relay.ts";
import { openStage } from "./actors/stage.ts";
import { fill } from "./actors/texts.ts";
import { WebUser, type SentFile } from "./actors/web-user.ts";

const FILE_BYTES = 8 * 1024 * 1024;

const stage = openStage();
const bigFile = (name: string): SentFile => ({
  name,
  mimeType: "application/octet-stream",
  buffer: randomBytes(FILE_BYTES),
});
const digest = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
const files = { fromAnn: bigFile("accounts-2026.bin"), fromBea: bigFile("answer.bin") };
let relay: Relay;
let ann: WebUser;
let bea: WebUser;

beforeAll(async () => {
  relay = stage.ends(await Relay.start(stage.folder), (one) => one.stop());
});

test("a fresh profile shows the welcome screen and makes an account", async () => {
  ann = stage.ends(await WebUser.arrive(stage.folder, "Ann", relay.url), (one) => one.browser.close());
  await ann.page.getByRole("heading", { name: ann.texts["welcome.title"] }).waitFor();
  await ann.createAccount();
  await ann.page.getByText(ann.texts["list.empty-title"]).waitFor();
});

test("a second profile that opens the first one's link becomes its contact", async () => {
  const link = await ann.makeLink();
  expect(link.startsWith(`${relay.url}/#i/`)).toBe(true);
  bea = stage.ends(await WebUser.arrive(stage.folder, "Bea", link), (one) => one.browser.close());
  await bea.page.getByRole("heading", { name: bea.texts["welcome.invited-title"] }).waitFor();
  expect(bea.page.url()).not.toContain("#i/");
  await bea.createAccount();
  await bea.connect();
  await ann.accept("Bea");
  await bea.openConversation("Ann");
});

test("text, reply, reaction, edit and delete go both ways", async () => {
  await ann.send("Shall we meet at seven?");
  await bea.reply("Shall we meet at seven?", "Eight is better for me.");
  await ann.message("Eight is better for me.").getByText("Shall we meet at seven?").waitFor();
  await ann.react("Eight is better for me.", "👍");
  await bea.message("Eight is better for me.").getByRole("button", { name: /👍/ }).waitFor();
  await bea.react("Shall we meet at seven?", "❤️");
  await ann.message("Shall we meet at seven?").getByRole("button", { name: /❤️/ }).waitFor();
  await bea.edit("Eight is better for me.", "Half past eight is better.");
  await ann.message("Half past eight is better.").getByText(ann.texts["message.edited"]).waitFor();
  await ann.composer().fill("a draft");
  await ann.choose("Shall we meet at seven?", "message.edit");
  await ann.page.getByRole("button", { name: ann.texts["composer.stop-editing"] }).click();
  await expect.poll(() => ann.composer().inputValue()).toBe("a draft");
  await ann.send("typed by mistake");
  await bea.message("typed by mistake").waitFor();
  await ann.deleteForEveryone("typed by mistake");
  await bea.message(bea.texts["message.deleted"]).waitFor();
  await bea.message("typed by mistake").waitFor({ state: "detached" });
});

test("files go both ways and arrive whole", async () => {
  await ann.sendFiles([files.fromAnn]);
  expect(digest(readFileSync(await bea.save(files.fromAnn.name)))).toBe(digest(files.fromAnn.buffer));
  await bea.sendFiles([files.fromBea]);
  expect(digest(readFileSync(await ann.save(files.fromBea.name)))).toBe(digest(files.fromBea.buffer));
});

test("everything is there after both profiles were closed and the relay was killed", async () => {
  await ann.browser.close();
  await bea.browser.close();
  await relay.stop("SIGKILL");
  await relay.start();
  await ann.reopen();
  await bea.reopen();
  await ann.openConversation("Bea");
  await bea.openConversation("Ann");
  for (const user of [ann, bea]) {
    await user.message("Half past eight is better.").waitFor();
    await user.message("Shall we meet at seven?").getByRole("button", { name: /❤️/ }).waitFor();
    const name = user === ann ? files.fromBea : files.fromAnn;
    await user.page.getByRole("button", { name: fill(user.texts["attachment.save"], { name: name.name }) }).waitFor();
  }
  expect(digest(readFileSync(await bea.save(files.fromAnn.name)))).toBe(digest(files.fromAnn.buffer));
  await ann.send("Good evening again");
  await bea.message("Good evening again").waitFor();
});

test("a link that was used says so, and one can go elsewhere from there", async () => {
  const link = await ann.makeLink();
  const own = await ann.browser.openTab(link);
  await own.getByRole("button", { name: ann.texts["tab.use-here"] }).click();
  await ann.unlock(ann.secret, own);
  await own.getByText(ann.texts["link.own-title"]).waitFor();
  await own.getByRole("link").filter({ hasText: "Bea" }).click();
  await own.getByRole("textbox", { name: ann.texts["composer.label"] }).waitFor();
  await own.goto(link);
  await ann.unlock(ann.secret, own);
  await own.getByText(ann.texts["link.own-title"]).waitFor();
  expect(own.url()).not.toContain("#i/");
  await own.close();
});

test("neither page broke its policy, logged an error or asked a stranger", () => {
  expect({ ann: ann.browser.problems, bea: bea.browser.problems }).toEqual({ ann: [], bea: [] });
});
