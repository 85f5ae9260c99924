import { setTimeout as delay } from "node:timers/promises";
import { createSeededFractions } from "@stonechat/testkit/seeded-fractions";
import { beforeAll, expect, test } from "vitest";
import { Guards } from "./actors/guards.ts";
import { Relay } from "./actors/relay.ts";
import { openStage } from "./actors/stage.ts";
import { Terminal } from "./actors/terminal.ts";
import { lock, lockScreen, setDuressPin, tryToUnlock } from "./actors/vault-user.ts";
import { WebUser } from "./actors/web-user.ts";

/** Change it to kill at other moments. */
const SEED = 7;
/** Longer than an unlock with its renewal, or a burn, takes. */
const MOMENTS_MS = 900;
const UNLOCKS = 3;
const BURNS = 2;
const GUARDS = 2;

const stage = openStage();
const random = createSeededFractions(SEED);
const texts = ["Meet me at the mill.", "Bring the ledger.", "And nobody else."];
let guards: Guards;
let ann: WebUser;
let duressPin = "";

/** Chromium's processes end at a moment of chance; then it starts again, and the lock screen waits. */
async function killAtSomeMoment(): Promise<void> {
  await delay(random() * MOMENTS_MS);
  await ann.browser.kill();
  await ann.browser.open();
  await lockScreen(ann).waitFor();
}

/** Types a PIN and does not wait for what comes of it. */
async function give(pin: string): Promise<void> {
  await ann.page.locator('input[type="password"]').fill(pin);
  await ann.page.getByRole("button", { name: ann.texts["lock.open"] }).click();
}

/** Everything was kept, and nothing of it twice. */
async function expectEachOnce(): Promise<void> {
  await ann.openConversation("Bo");
  for (const text of texts) {
    await ann.message(text).waitFor();
    expect(await ann.page.getByRole("log").getByRole("article", { name: text }).count()).toBe(1);
  }
}

beforeAll(async () => {
  guards = stage.ends(await Guards.start(stage.folder), (all) => all.stopAll());
  const options = ["--admission", "open", "--guards", guards.listFile];
  const relay = stage.ends(await Relay.start(stage.folder, options), (one) => one.stop());
  ann = stage.ends(await WebUser.arrive(stage.folder, "Ann", relay.url), (one) => one.browser.close());
  await ann.createAccount("pin");
  duressPin = await setDuressPin(ann);
  const bo = await Terminal.create(stage.folder, "Bo", relay.url);
  await ann.pasteLink(await bo.invite());
  const [request] = await bo.done("requests");
  await bo.done("requests", "accept", String(request?.["id"]));
  await ann.openConversation("Bo");
  for (const text of texts) await ann.send(text);
  await lock(ann);
});

test("killed while unlocking, it opens with the right PIN", async () => {
  for (let round = 0; round < UNLOCKS; round += 1) {
    await give(ann.secret);
    await killAtSomeMoment();
  }
  await ann.unlock();
  await expectEachOnce();
});

test("killed while burning, it opens with the right PIN", async () => {
  for (let round = 0; round < BURNS; round += 1) {
    await ann.visit("#/security");
    await ann.page.getByRole("button", { name: ann.texts["security.burn-now"] }).click();
    await killAtSomeMoment();
    await ann.unlock();
    await expectEachOnce();
  }
});

test("while guards are killed one after the other, it locks and opens", async () => {
  for (let round = 0; round < GUARDS; round += 1) {
    await lock(ann);
    await give(ann.secret);
    await delay(random() * MOMENTS_MS);
    await guards.stop(round, "SIGKILL");
    await ann.line("Bo").waitFor();
    await guards.restart(round);
  }
  await expectEachOnce();
});

test("killed while the duress PIN destroys, either the real vault opens as before or only the decoy does", async () => {
  await lock(ann);
  await give(duressPin);
  await killAtSomeMoment();
  if (await tryToUnlock(ann, ann.secret)) {
    await expectEachOnce();
    await lock(ann);
  }
  expect(await tryToUnlock(ann, duressPin)).toBe(true);
  expect(await ann.line("Bo").count()).toBe(0);
  await ann.browser.close();
  await ann.browser.open();
  await lockScreen(ann).waitFor();
  expect(await tryToUnlock(ann, ann.secret)).toBe(false);
});
