import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { containerIn, takeImage } from "./actors/disk.ts";
import { Guards } from "./actors/guards.ts";
import { Relay } from "./actors/relay.ts";
import { openStage } from "./actors/stage.ts";
import { Terminal } from "./actors/terminal.ts";
import { chooseName, failToUnlock, lock, lockScreen, setDuressPin, visitDecoy } from "./actors/vault-user.ts";
import { WebUser } from "./actors/web-user.ts";

const stage = openStage();
let relay: Relay;
let ann: WebUser;
let bo: Terminal;
let duressPin = "";
let sizeBefore = 0;

beforeAll(async () => {
  const guards = stage.ends(await Guards.start(stage.folder), (all) => all.stopAll());
  const options = ["--admission", "open", "--guards", guards.listFile];
  relay = stage.ends(await Relay.start(stage.folder, options), (one) => one.stop());
});

test("somebody protects a fresh profile with a PIN and a duress PIN, and talks with a person at a terminal", async () => {
  ann = stage.ends(await WebUser.arrive(stage.folder, "Ann", relay.url), (one) => one.browser.close());
  await ann.createAccount("pin");
  duressPin = await setDuressPin(ann);
  expect(duressPin).not.toBe(ann.secret);
  bo = await Terminal.create(stage.folder, "Bo", relay.url);
  await ann.pasteLink(await bo.invite());
  const [request] = await bo.done("requests");
  await bo.done("requests", "accept", String(request?.["id"]));
  await ann.openConversation("Bo");
  await ann.send("The list is behind the radiator.");
  await bo.message("Ann", "The list is behind the radiator.");
  await bo.done("send", "Ann", "Leave it there until Friday.");
  await ann.message("Leave it there until Friday.").waitFor();
});

test("after locking and the right PIN everything is there, the conversation goes on", async () => {
  await lock(ann);
  await failToUnlock(ann, "604172");
  await ann.unlock();
  await ann.openConversation("Bo");
  await ann.message("Leave it there until Friday.").waitFor();
  await ann.send("Until Friday, then.");
  await bo.message("Ann", "Until Friday, then.");
});

test("she fills the decoy, and comes back from there to the real vault", async () => {
  await visitDecoy(ann);
  await chooseName(ann, "Anna");
  await lock(ann);
  await ann.unlock();
  await ann.line("Bo").waitFor();
});

test("the duress PIN opens the decoy, where nothing of the real vault is, and the container has the same size", async () => {
  await lock(ann);
  takeImage(ann.browser.profile, join(stage.folder, "browser-Before"));
  sizeBefore = containerIn(join(stage.folder, "browser-Before")).length;
  await ann.unlock(duressPin);
  await ann.page.getByText(ann.texts["list.empty-title"]).waitFor();
  expect(await ann.line("Bo").count()).toBe(0);
  expect(containerIn(ann.browser.profile).length).toBe(sizeBefore);
});

test("from then on the real PIN is simply wrong", async () => {
  await ann.browser.close();
  await ann.browser.open();
  await lockScreen(ann).waitFor();
  await failToUnlock(ann, ann.secret);
  await ann.unlock(duressPin);
  await ann.page.getByText(ann.texts["list.empty-title"]).waitFor();
  expect(containerIn(ann.browser.profile).length).toBe(sizeBefore);
});

test("a copy of the profile from before the duress PIN opens nothing with the right PIN", async () => {
  const thief = stage.ends(await WebUser.arrive(stage.folder, "Before", relay.url), (one) => one.browser.close());
  await lockScreen(thief).waitFor();
  await failToUnlock(thief, ann.secret);
});

test("no page broke its policy, logged an error or asked a stranger", () => {
  expect(ann.browser.problems).toEqual([]);
});
