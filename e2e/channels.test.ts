import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { worstWindow } from "../packages/core/src/testing/window-statistics.ts";
import { containerIn, filesBelow, takeImage } from "./actors/disk.ts";
import { Guards } from "./actors/guards.ts";
import { Recorder, type Exchange } from "./actors/recorder.ts";
import { Relay } from "./actors/relay.ts";
import { openStage } from "./actors/stage.ts";
import { Terminal } from "./actors/terminal.ts";
import {
  chooseName,
  failToUnlock,
  lock,
  lockScreen,
  makeHidden,
  protectWithRoom,
  setDuressPin,
  visitDecoy,
} from "./actors/vault-user.ts";
import { WebUser } from "./actors/web-user.ts";

/** See seized-device.test.ts. */
const WINDOW_LIMIT = 440;
const WRONG = "604172";
/** Requests to guards that go over the line until it is known whether a PIN opens anything: three to each of three. */
const UNTIL_KNOWN = 9;

/** For seven vaults to be looked at. */
const PATIENCE_MS = 400_000;
/** Longer than any pause in what an unlock says; on a slow machine, so many times the longest of them. */
const QUIET_MS = 1_000;
const PAUSES = 3;
const LOOK_MS = 50;

/** What can be seen of one vault without opening it, and when it is opened. */
interface Seen {
  readonly files: readonly string[];
  readonly worstWindow: number;
  readonly lockScreen: string;
  readonly kept: unknown;
  readonly unlock: readonly Exchange[];
  readonly wrong: readonly Exchange[];
  readonly security: string;
}

const stage = openStage();
let recorder: Recorder;
const users: Partial<Record<"single" | "duress" | "conceal", WebUser>> = {};
const pins: Record<string, string> = {};
const seen: Record<string, Seen> = {};

async function arrive(kind: keyof typeof users): Promise<WebUser> {
  const user = stage.ends(await WebUser.arrive(stage.folder, kind, recorder.url), (one) => one.browser.close());
  users[kind] = user;
  return user;
}

function userOf(kind: keyof typeof users): WebUser {
  const user = users[kind];
  if (user === undefined) throw new RangeError("arrives first");
  return user;
}

/** The vault is locked: what there is to see, then a wrong PIN, then the right one. */
async function look(user: WebUser, pin: string): Promise<Seen> {
  const image = join(stage.folder, `image-${user.name}-${String(Object.keys(seen).length)}`);
  await user.browser.close();
  takeImage(user.browser.profile, image);
  await user.browser.open();
  await lockScreen(user).waitFor();
  const atRest = { files: containerFiles(image), worstWindow: worstWindow(containerIn(image)) };
  const before = { lockScreen: await drawn(user), kept: await keptByPage(user) };
  await quiet();
  await failToUnlock(user, WRONG);
  const wrong = await quiet();
  await user.unlock(pin);
  const unlock = await quiet();
  await user.visit("#/security");
  await user.page.getByRole("heading", { name: user.texts["security.provisions"] }).waitFor();
  const security = await drawn(user);
  await lock(user);
  return { ...atRest, ...before, wrong, unlock, security };
}

/** Sizes of what the page itself keeps; the browser's own diaries differ from one start to the next. */
function containerFiles(image: string): readonly string[] {
  return filesBelow(join(image, "Default/File System"))
    .filter((path) => /\/\d{8}$/.test(path))
    .map((path) => String(statSync(join(image, "Default/File System", path)).size))
    .sort();
}

/** The page's elements and texts, without what differs by time, by name, or from one start of a page to the next. */
async function drawn({ page }: WebUser): Promise<string> {
  const html = await page.locator("html").evaluate((root) => new XMLSerializer().serializeToString(root));
  return html
    .replaceAll(/ (?:id|for|name|aria-labelledby|aria-describedby|aria-controls|data-[\w-]+)="[^"]*"/g, "")
    .replaceAll(/\d{1,2}:\d{2}(?:\s?[AP]M)?/gi, "TIME")
    .replaceAll(/Last time: [^<]*/g, "");
}

async function keptByPage({ page }: WebUser): Promise<unknown> {
  return await page.evaluate(async () => ({
    local: Object.entries(localStorage).sort(),
    session: Object.entries(sessionStorage).sort(),
    databases: (await indexedDB.databases()).map(({ name }) => name),
    caches: await Promise.all(
      (await caches.keys()).sort().map(async (name) => {
        const requests = await (await caches.open(name)).keys();
        return requests.map(({ url }) => new URL(url).pathname).sort();
      }),
    ),
    address: location.pathname + location.hash,
  }));
}

/** Everything until nothing was said for a while: for longer than any pause before, the slower the machine is. */
async function quiet(): Promise<readonly Exchange[]> {
  const all: Exchange[] = [];
  let [longestPause, heardAt] = [0, performance.now()];
  for (;;) {
    await delay(LOOK_MS);
    const more = recorder.take();
    const pause = performance.now() - heardAt;
    if (more.length === 0) {
      if (pause > Math.max(QUIET_MS, PAUSES * longestPause)) return all;
      continue;
    }
    // What came before the first word is no pause.
    if (all.length > 0) longestPause = Math.max(longestPause, pause);
    heardAt += pause;
    all.push(...more);
  }
}

/** Requests to guards, whichever of them, in their order. */
function toGuards(exchanges: readonly Exchange[]): readonly string[] {
  return exchanges.flatMap((one) =>
    one.type === "request" && one.path.includes("guard") && one.sent > 0 ? [`${one.sent} / ${one.received}`] : [],
  );
}

/** The browser asks by itself, some time after a page was opened, whether the service worker is still the same. */
function isUpdateCheck(exchange: Exchange): boolean {
  return exchange.type === "request" && exchange.path === "/service-worker.js";
}

/** How many frames of each size went each way, but for signs of life: how many there are says only how long one waited. */
function frames(exchanges: readonly Exchange[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const one of exchanges) {
    if (one.type !== "frame") continue;
    const kind = `${one.direction} ${String(one.bytes)}`;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  for (let signs = counts["sent 6"] ?? 0; signs > 0; signs -= 1) {
    for (const kind of ["sent 6", "received 5"]) counts[kind] = (counts[kind] ?? 0) - 1;
  }
  return Object.fromEntries(
    Object.entries(counts)
      .filter(([, count]) => count !== 0)
      .sort(),
  );
}

beforeAll(async () => {
  recorder = stage.ends(await Recorder.start(), (one) => {
    one.close();
  });
  const guards = stage.ends(await Guards.start(stage.folder), (all) => all.stopAll());
  const options = ["--admission", "open", "--guards", guards.listFile];
  const relay = stage.ends(await Relay.start(stage.folder, options), (one) => one.stop());
  recorder.leadTo(relay.url);

  const single = await arrive("single");
  await single.createAccount("pin");
  await lock(single);
  seen["single"] = await look(single, single.secret);

  const duress = await arrive("duress");
  await duress.createAccount("pin");
  pins["decoy"] = await setDuressPin(duress);
  await visitDecoy(duress);
  await chooseName(duress, "duress");
  await lock(duress);
  seen["real"] = await look(duress, duress.secret);
  seen["decoy"] = await look(duress, pins["decoy"]);

  const conceal = await arrive("conceal");
  await protectWithRoom(conceal);
  await chooseName(conceal, "conceal");
  await lock(conceal);
  seen["outer alone"] = await look(conceal, conceal.secret);
  await conceal.unlock();
  pins["hidden"] = await makeHidden(conceal);
  await lock(conceal);
  await conceal.unlock(pins["hidden"]);
  await chooseName(conceal, "conceal");
  await lock(conceal);
  seen["outer"] = await look(conceal, conceal.secret);
  seen["hidden"] = await look(conceal, pins["hidden"]);
}, PATIENCE_MS);

const of = (name: string): Seen => {
  const found = seen[name];
  if (found === undefined) throw new RangeError("was not looked at");
  return found;
};

describe.each([
  ["real", "single"],
  ["decoy", "single"],
  ["outer", "outer alone"],
  ["hidden", "outer alone"],
])("%s beside %s", (one, other) => {
  test("files: as many, of the same sizes", () => {
    expect(of(one).files).toEqual(of(other).files);
    expect(of(one).files.length).toBeGreaterThan(1);
  });

  test("container: every window looks random", () => {
    expect(Math.max(of(one).worstWindow, of(other).worstWindow)).toBeLessThan(WINDOW_LIMIT);
  });

  test("lock screen: the same elements and texts", () => {
    expect(of(one).lockScreen).toBe(of(other).lockScreen);
  });

  test("what the page keeps outside of the container: the same", () => {
    expect(of(one).kept).toEqual(of(other).kept);
  });

  test("unlocking: as many requests to guards, of the same sizes, in the same order", () => {
    expect(toGuards(of(one).unlock)).toEqual(toGuards(of(other).unlock));
    expect(toGuards(of(one).unlock).length).toBeGreaterThan(UNTIL_KNOWN);
  });

  test("unlocking: as many frames to and from the relay, of the same sizes", () => {
    expect(frames(of(one).unlock)).toEqual(frames(of(other).unlock));
  });

  test("a wrong PIN: the requests of a right one as far as it is known, and nothing else", () => {
    expect(frames(of(one).wrong)).toEqual({});
    expect(of(one).wrong.filter((exchange) => !isUpdateCheck(exchange))).toHaveLength(UNTIL_KNOWN);
    expect(toGuards(of(one).wrong)).toEqual(toGuards(of(other).unlock).slice(0, UNTIL_KNOWN));
  });
});

test("Settings, Security: a decoy draws what the only vault of somebody without a duress PIN draws", () => {
  expect(of("decoy").security).toBe(of("single").security);
});

test("Settings, Security: outer and hidden vault draw what an outer vault alone draws", () => {
  expect(of("outer").security).toBe(of("outer alone").security);
  expect(of("hidden").security).toBe(of("outer alone").security);
});

test("a destroyed vault answers as a wrong PIN does, on the screen and on the line", async () => {
  const user = userOf("duress");
  await user.browser.close();
  await user.browser.open();
  await lockScreen(user).waitFor();
  await quiet();
  await failToUnlock(user, WRONG);
  const wrong = { screen: await drawn(user), line: toGuards(await quiet()) };
  await failToUnlock(user, user.secret);
  expect({ screen: await drawn(user), line: toGuards(await quiet()) }).toEqual(wrong);
});

test("at a terminal a wrong PIN, a destroyed vault and a record that no guard knows end alike", async () => {
  const fileOf = (pin: string): string => {
    const path = join(stage.folder, `pin-${pin}`);
    writeFileSync(path, pin, { mode: 0o600 });
    return path;
  };
  const [pin, duress] = ["583926", "274609"];
  const make = async (name: string): Promise<Terminal> => {
    const terminal = Terminal.fresh(stage.folder, name, recorder.url);
    const secrets = ["--secret-file", fileOf(pin), "--duress-file", fileOf(duress)];
    await terminal.done("init", "--relay", recorder.url, "--name", name, ...secrets);
    return terminal;
  };
  const destroyed = await make("destroyed");
  const wrong = await destroyed.run("contacts", "--secret-file", fileOf(WRONG));
  await destroyed.run("contacts", "--secret-file", fileOf(duress));
  const unknown = await make("unknown");
  const copy = Terminal.fresh(stage.folder, "copy", recorder.url);
  takeImage(unknown.home, copy.home);
  await copy.done("wipe", "--yes");
  expect(wrong.code).toBe(1);
  expect(await destroyed.run("contacts", "--secret-file", fileOf(pin))).toEqual(wrong);
  expect(await unknown.run("contacts", "--secret-file", fileOf(pin))).toEqual(wrong);
});
