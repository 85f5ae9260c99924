import { existsSync } from "node:fs";
import { cp, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findMarkers } from "./testing/home-scan.ts";
import { cli, endProcessesAfterwards, startCli, type Ended, type Running } from "./testing/processes.ts";

const SLOW = 240_000;
const LOCAL = "127.0.0.1:0";
const PIN = "583926";
const DURESS = "274609";

endProcessesAfterwards();

let folder = "";
let url = "";
const guards: Running[] = [];
let relay: Running;

/** Runs `stonechat … --json` on the profile of that name, with this secret. */
async function on(profile: string, pin: string, ...argv: readonly string[]): Promise<Ended> {
  return await cli(["--home", join(folder, profile), ...argv, "--json", "--secret-file", await fileOf(pin)]);
}

async function fileOf(pin: string): Promise<string> {
  const path = join(folder, `pin-${pin}`);
  await writeFile(path, pin, { mode: 0o600 });
  return path;
}

/** Writes the words of that object down; gives the file. */
async function paper(name: string, shown: Readonly<Record<string, unknown>> | undefined): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, (shown?.["words"] as readonly string[]).join(" "), { mode: 0o600 });
  return path;
}

async function namesOf(profile: string, pin: string): Promise<unknown> {
  const { exitCode, lines } = await on(profile, pin, "contacts", "--offline");
  return exitCode === 0 ? lines.length : exitCode;
}

async function init(profile: string, ...more: readonly string[]): Promise<Ended> {
  return await on(profile, PIN, "init", "--relay", url, "--name", "Zebrafish-Ada", ...more);
}

/** Starts three guards and a relay that publishes them, as 2 of 3. */
async function startServers(): Promise<void> {
  const listings: unknown[] = [];
  for (const name of ["Alder", "Birch", "Cedar"]) {
    const data = join(folder, name);
    const guard = startCli(["guard", "start", "--json", "--data", data, "--listen", LOCAL]);
    guards.push(guard);
    const at = String((await guard.line(({ type }) => type === "ready"))["url"]);
    const words = ["guard", "describe", "--data", data, "--name", name, "--operator", `${name} e.V.`];
    listings.push(JSON.parse((await cli([...words, "--public-url", at])).out));
  }
  const list = join(folder, "guards.json");
  await writeFile(list, JSON.stringify({ threshold: 2, guards: listings }));
  const data = join(folder, "relay");
  relay = startCli([
    "relay",
    "start",
    "--json",
    "--data",
    data,
    "--listen",
    LOCAL,
    "--admission",
    "open",
    "--guards",
    list,
  ]);
  url = String((await relay.line(({ type }) => type === "ready"))["url"]);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "stonechat-pin-"));
  await startServers();
}, SLOW);

afterAll(async () => {
  for (const server of [...guards, relay]) {
    server.process.kill("SIGTERM");
    await server.ended;
  }
  await rm(folder, { recursive: true, force: true });
}, SLOW);

describe("a profile with a PIN and three guards", { timeout: SLOW }, () => {
  test("opens with the PIN, and the duress PIN destroys it and opens a decoy", async () => {
    const made = await init("ada", "--duress-file", await fileOf(DURESS));
    expect(made).toMatchObject({ exitCode: 0, lines: [{ type: "account" }] });
    const [view] = (await on("ada", PIN, "vault")).lines;
    expect(view).toMatchObject({ state: "open", mode: "pin", needed: 2, duressPin: true, foreignGuesses: 0 });
    const locked = await cli(["--home", join(folder, "ada"), "vault", "--json"]);
    expect(locked.lines).toMatchObject([{ state: "locked", mode: "pin" }]);
    expect(await findMarkers(join(folder, "ada"), ["Zebrafish-Ada", PIN + DURESS])).toEqual([]);
    const size = (await stat(join(folder, "ada", "vault.bin"))).size;
    await cp(join(folder, "ada"), join(folder, "stolen"), { recursive: true });

    // The decoy was never filled, so it has no account yet.
    const decoy = await on("ada", DURESS, "contacts");
    expect(decoy.err).toContain("no account");
    const real = await on("ada", PIN, "contacts");
    expect(real).toMatchObject({ exitCode: 1, err: "stonechat: That opened nothing.\n" });
    expect((await stat(join(folder, "ada", "vault.bin"))).size).toBe(size);
    expect(await namesOf("stolen", PIN)).toBe(1);
  });

  test("has a decoy that was filled from the real vault and is an account of its own", async () => {
    expect((await init("dora", "--duress-file", await fileOf(DURESS))).exitCode).toBe(0);
    const [real] = (await on("dora", PIN, "devices")).lines;
    expect((await on("dora", PIN, "vault", "fill-decoy")).lines).toMatchObject([{ type: "unlocked" }]);
    const decoy = await on("dora", PIN, "init", "--relay", url, "--name", "Dora", "--device-name", "phone");
    expect(decoy.lines).toMatchObject([{ type: "account", name: "Dora" }]);
    expect((await on("dora", PIN, "lock")).exitCode).toBe(0);
    expect((await on("dora", PIN, "devices")).lines).toEqual([real]);
    expect((await on("dora", DURESS, "devices")).lines).toMatchObject([{ type: "device", name: "phone" }]);
    expect((await on("dora", PIN, "devices")).exitCode).toBe(1);
  });

  test("tells after it opened that somebody else guessed at a copy", async () => {
    expect((await init("bea")).exitCode).toBe(0);
    await cp(join(folder, "bea"), join(folder, "copy"), { recursive: true });
    expect((await on("copy", "604172", "devices")).exitCode).toBe(1);
    const opened = await on("bea", PIN, "devices");
    expect(opened.err).toContain("somebody else used");
    expect(opened.lines).toMatchObject([{ type: "alarm", alarm: "foreign-guesses" }, { type: "device" }]);
    // Once told, it is old news.
    expect((await on("bea", PIN, "devices")).lines).toMatchObject([{ type: "device" }]);
  });

  test("travels: nothing is left here, and the code brings it back, once", async () => {
    expect((await init("eve")).exitCode).toBe(0);
    const [before] = (await on("eve", PIN, "devices")).lines;
    const [left] = (await on("eve", PIN, "backup", "travel", "--yes")).lines;
    expect(existsSync(join(folder, "eve"))).toBe(false);
    const code = await paper("journey", left);
    const back = ["backup", "restore-travel", "--relay", url, "--travel-file", code, "--json"];
    expect((await cli(["--home", join(folder, "eve"), ...back])).exitCode).toBe(0);
    expect((await on("eve", PIN, "devices")).lines).toEqual([before]);
    expect((await cli(["--home", join(folder, "twin"), ...back])).exitCode).toBe(1);
  });

  test("opens nothing on a lost device after its kit was restored elsewhere", async () => {
    expect((await init("fay")).exitCode).toBe(0);
    const [kit] = (await on("fay", PIN, "backup", "kit")).lines;
    const argv = ["backup", "restore-kit", "--relay", url, "--kit-file", await paper("kit", kit), "--no-secret"];
    const restored = await cli(["--home", join(folder, "fay-again"), ...argv]);
    expect(restored.out).toContain("The guards have destroyed what the lost devices need to open.");
    expect(await on("fay", PIN, "devices")).toMatchObject({ exitCode: 1, err: "stonechat: That opened nothing.\n" });
  });

  test("opens without the relay, and with one guard less, but not with two less", async () => {
    expect((await init("cy")).exitCode).toBe(0);
    const [first, second] = guards;
    first?.process.kill("SIGKILL");
    await first?.ended;
    expect((await on("cy", PIN, "devices")).exitCode).toBe(0);
    relay.process.kill("SIGKILL");
    await relay.ended;
    expect((await on("cy", PIN, "devices")).exitCode).toBe(0);
    second?.process.kill("SIGKILL");
    await second?.ended;
    const closed = await on("cy", PIN, "devices");
    expect(closed.exitCode).toBe(3);
    expect(closed.err).toContain("Nothing was lost");
    const checked = await on("cy", PIN, "doctor");
    expect(checked.exitCode).toBe(4);
    expect(checked.lines.filter(({ name }) => name === "guards")).toMatchObject([{ state: "failed" }]);
    expect((await cli(["--home", join(folder, "cy"), "wipe", "--yes", "--json"])).lines).toMatchObject([
      { type: "done", guards: 3, guardsReached: 1 },
    ]);
  });
});
