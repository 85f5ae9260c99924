import { beforeAll, expect, test } from "vitest";
import { Relay } from "./actors/relay.ts";
import { openStage } from "./actors/stage.ts";
import { Terminal, type Listening } from "./actors/terminal.ts";
import { WebUser } from "./actors/web-user.ts";

const stage = openStage();
let relay: Relay;
let ann: WebUser;
let bo: Terminal;
let boHears: Listening;

beforeAll(async () => {
  relay = stage.ends(await Relay.start(stage.folder), (one) => one.stop());
  [ann, bo] = await Promise.all([
    WebUser.join(stage.folder, "Ann", relay.url),
    Terminal.create(stage.folder, "Bo", relay.url),
  ]);
  stage.ends(ann, (one) => one.browser.close());
  boHears = stage.ends(bo.listen(), (one) => one.stop());
  await ann.pasteLink(await bo.invite());
  await ann.openConversation("Bo");
});

test("a browser and a terminal change messages", async () => {
  await ann.send("From the browser");
  await boHears.hear({ type: "message", text: "From the browser" });
  await bo.done("send", "Ann", "From the terminal");
  await ann.message("From the terminal").waitFor();
});

test("a draft outlives a reload", async () => {
  await ann.composer().fill("Half a thought");
  await ann.reload();
  await ann.openConversation("Bo");
  await expect.poll(() => ann.composer().inputValue(), { timeout: 20_000 }).toBe("Half a thought");
  await ann.composer().fill("");
});

test("what is written without a relay waits, says so, and is delivered by itself", async () => {
  const { page, texts } = ann;
  await ann.browser.whileRelayIsAway(async () => {
    await relay.stop("SIGKILL");
    await page.getByText(texts["connection.offline"]).waitFor();
    await ann.send("Written on the train");
    await ann.message("Written on the train").getByRole("img", { name: texts["state.waiting"] }).waitFor();
    await relay.start();
    await boHears.hear({ type: "message", text: "Written on the train" }, 60_000);
    await ann.message("Written on the train").getByRole("img", { name: texts["state.read"] }).waitFor();
    await page.getByText(texts["connection.offline"]).waitFor({ state: "detached" });
  });
});

test("a second tab offers to take over, and the first one then does", async () => {
  const { page, texts } = ann;
  const second = await ann.browser.openTab();
  await second.getByRole("heading", { name: texts["tab.title"] }).waitFor();
  await second.getByRole("button", { name: texts["tab.use-here"] }).click();
  await ann.unlock(ann.secret, second);
  await second.getByRole("link").filter({ hasText: "Bo" }).click();
  await second.getByRole("article", { name: "Written on the train" }).waitFor();
  await page.getByRole("heading", { name: texts["tab.title"] }).waitFor();
  await page.getByRole("button", { name: texts["tab.use-here"] }).click();
  await ann.unlock();
  await second.getByRole("heading", { name: texts["tab.title"] }).waitFor();
  await second.close();
  await ann.openConversation("Bo");
  await ann.message("Written on the train").waitFor();
});

test("after the first visit the app opens without a network, with everything in it", async () => {
  const { page, texts } = ann;
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });
  await ann.browser.whileRelayIsAway(async () => {
    await relay.stop();
    await ann.reload();
    await ann.openConversation("Bo");
    await ann.message("From the terminal").waitFor();
    await page.getByText(texts["connection.offline"]).waitFor();
    await relay.start();
    await page.getByText(texts["connection.offline"]).waitFor({ state: "detached" });
  });
  await ann.send("Back again");
  await boHears.hear({ type: "message", text: "Back again" });
});

test("the app can be installed, also as a notepad", async () => {
  for (const [file, name] of [
    ["manifest.webmanifest", "Stonechat"],
    ["notes.webmanifest", "Notes"],
  ] as const) {
    const manifest = (await (await fetch(`${relay.url}/${file}`)).json()) as Readonly<Record<string, unknown>>;
    expect(manifest).toMatchObject({ name, display: "standalone", start_url: expect.any(String) as string });
    const icons = manifest["icons"] as readonly { readonly src: string }[];
    for (const { src } of icons) expect((await fetch(new URL(src, relay.url))).status).toBe(200);
  }
});

test("nothing was logged, and every line of listen was JSON", async () => {
  expect(ann.browser.problems).toEqual([]);
  expect(boHears.broken).toEqual([]);
  expect(await boHears.stop()).toBe(0);
});
