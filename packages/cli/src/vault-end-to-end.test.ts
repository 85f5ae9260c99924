import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { findMarkers } from "./testing/home-scan.ts";
import { cli, endProcessesAfterwards, startCli, type Ended, type Running } from "./testing/processes.ts";

const SLOW = 180_000;
const PASSPHRASE = "marble otter lantern quiver saddle thicket";
const MARKERS = ["Zebrafish-Ada", "Zebrafish-Bea", "quicksilver rendezvous", "ledger-of-names", PASSPHRASE];
const PIDS_OF_LINUX = process.platform === "linux";

endProcessesAfterwards();

let folder = "";
let relay: Running;
let url = "";
let secret = "";

/** Runs `stonechat … --json` on the profile of that name, with nothing on standard input. */
async function on(profile: string, ...argv: readonly string[]): Promise<Ended> {
  return await cli(["--home", homeOf(profile), ...argv, "--json"]);
}

function homeOf(profile: string): string {
  return join(folder, profile);
}

async function expectNoTrace(profile: string): Promise<void> {
  expect(await findMarkers(homeOf(profile), MARKERS)).toEqual([]);
}

/** Names of what lies in a profile folder. Locks and sockets come and go, and are empty. */
async function filesOf(profile: string): Promise<readonly string[]> {
  return (await readdir(homeOf(profile))).filter((name) => !/^(\.lock|profile\.(lock|sock))$/.test(name)).toSorted();
}

/** The processes that hold a profile in the background. */
async function holdersOf(profile: string): Promise<readonly { readonly pid: number; readonly traces: string }[]> {
  const found: { readonly pid: number; readonly traces: string }[] = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const [words, environment] = await Promise.all(
      ["cmdline", "environ"].map((name) => readFile(`/proc/${pid}/${name}`, "latin1").catch(() => "")),
    );
    if (words?.includes("--foreground") === true && words.includes(homeOf(profile)))
      found.push({ pid: Number(pid), traces: `${words}${environment ?? ""}` });
  }
  return found;
}

/** Who lets go of a profile says so first, and then ends. */
async function untilNobodyHolds(profile: string): Promise<void> {
  if (!PIDS_OF_LINUX) return;
  while ((await holdersOf(profile)).length > 0) await pause(20);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "stonechat-vault-"));
  secret = join(folder, "passphrase");
  await writeFile(secret, `${PASSPHRASE}\n`, { mode: 0o600 });
  relay = startCli([
    "relay",
    "start",
    "--json",
    "--data",
    join(folder, "relay"),
    "--listen",
    "127.0.0.1:0",
    "--admission",
    "open",
  ]);
  url = String((await relay.line(({ type }) => type === "ready"))["url"]);
  const made = await on("ada", "init", "--relay", url, "--name", "Zebrafish-Ada", "--secret-file", secret);
  expect(made).toMatchObject({ exitCode: 0, lines: [{ type: "account", name: "Zebrafish-Ada" }], err: "" });
}, SLOW);

afterAll(async () => {
  for (const profile of ["ada", "bea"])
    for (const { pid } of PIDS_OF_LINUX ? await holdersOf(profile) : []) process.kill(pid, "SIGKILL");
  relay.process.kill("SIGTERM");
  await relay.ended;
  await rm(folder, { recursive: true, force: true });
}, SLOW);

describe("a profile with a passphrase", { timeout: SLOW }, () => {
  test("opens with the passphrase and with nothing else, and its folder holds two files", async () => {
    expect(await on("ada", "contacts")).toMatchObject({ exitCode: 3, out: "" });
    const wrong = await cli(
      ["--home", homeOf("ada"), "contacts", "--secret-file", "-"],
      "six words that are not the one",
    );
    expect(wrong).toMatchObject({ exitCode: 1, err: "stonechat: That opened nothing.\n" });
    expect((await on("ada", "devices", "--secret-file", secret)).lines).toMatchObject([{ type: "device" }]);
    expect(await filesOf("ada")).toEqual(["device", "vault.bin"]);
    await expectNoTrace("ada");
  });

  test("is kept open by a process that tells nobody its secret, for messages and files, until it is locked", async () => {
    expect((await on("ada", "unlock", "--secret-file", secret)).lines).toMatchObject([{ type: "unlocked" }]);
    if (PIDS_OF_LINUX) {
      const [holder] = await holdersOf("ada");
      expect(holder).toBeDefined();
      for (const word of [PASSPHRASE, "marble"]) expect(holder?.traces).not.toContain(word);
    }
    const listening = startCli(["--home", homeOf("ada"), "listen", "--json"]);
    expect((await on("bea", "init", "--relay", url, "--name", "Zebrafish-Bea", "--secret-file", secret)).exitCode).toBe(
      0,
    );
    expect((await on("bea", "unlock", "--secret-file", secret)).exitCode).toBe(0);
    const [invite] = (await on("ada", "invite")).lines;
    expect((await on("bea", "accept", String(invite?.["link"]), "--wait", "60s")).exitCode).toBe(0);
    await writeFile(join(folder, "ledger-of-names.txt"), "quicksilver rendezvous, and who comes");
    const file = join(folder, "ledger-of-names.txt");
    expect((await on("bea", "send", "Zebrafish-Ada", "quicksilver rendezvous", "--file", file)).exitCode).toBe(0);
    const heard = await listening.line(({ type }) => type === "message");
    expect(heard).toMatchObject({ text: "quicksilver rendezvous", attachments: [{ path: null }] });
    await expectNoTrace("ada");
    await expectNoTrace("bea");

    // What leaves the vault does so because somebody said where to.
    const out = join(folder, "out");
    expect((await on("ada", "read", "Zebrafish-Bea", "--download", "--downloads", out)).exitCode).toBe(0);
    expect(await readdir(out)).toEqual(["ledger-of-names.txt"]);

    expect((await on("ada", "lock")).lines).toEqual([{ type: "done", command: "lock" }]);
    expect(await listening.ended).toMatchObject({ exitCode: 3 });
    await untilNobodyHolds("ada");
    expect(await on("ada", "contacts")).toMatchObject({ exitCode: 3, out: "" });
    expect((await on("ada", "contacts", "--secret-file", secret)).lines).toMatchObject([{ name: "Zebrafish-Bea" }]);
    expect(await filesOf("ada")).toEqual(["device", "vault.bin"]);
    await expectNoTrace("ada");
  });

  test.runIf(PIDS_OF_LINUX)("is locked when the process that held it is killed, and opens again", async () => {
    expect((await on("bea", "unlock")).lines).toMatchObject([{ type: "unlocked" }]);
    const [holder] = await holdersOf("bea");
    process.kill(holder?.pid ?? 0, "SIGKILL");
    await untilNobodyHolds("bea");
    expect(await on("bea", "contacts")).toMatchObject({ exitCode: 3 });
    expect((await on("bea", "contacts", "--secret-file", secret)).lines).toMatchObject([{ name: "Zebrafish-Ada" }]);
    await expectNoTrace("bea");
  });

  test("locks by itself when the time is over", async () => {
    expect((await on("bea", "unlock", "--for", "1s", "--secret-file", secret)).exitCode).toBe(0);
    while ((await on("bea", "contacts", "--offline")).exitCode !== 3) await pause(100);
    await untilNobodyHolds("bea");
  });

  test("changes its passphrase: the old one opens nothing any more", async () => {
    const next = join(folder, "next");
    await writeFile(next, "paddle ember walnut gravel ribbon cactus", { mode: 0o600 });
    const changed = await on("bea", "vault", "change-secret", "--secret-file", secret, "--new-secret-file", next);
    expect(changed).toMatchObject({ exitCode: 0 });
    expect((await on("bea", "devices", "--secret-file", secret)).exitCode).toBe(1);
    expect((await on("bea", "devices", "--secret-file", next)).exitCode).toBe(0);
  });

  test("is destroyed without its passphrase, under the hands of a command that uses it", async () => {
    const next = join(folder, "next");
    const listening = startCli(["--home", homeOf("bea"), "listen", "--json", "--secret-file", next]);
    while (!existsSync(join(homeOf("bea"), "profile.sock"))) await pause(50);
    expect((await on("bea", "wipe", "--yes")).lines).toMatchObject([{ type: "done", command: "wipe" }]);
    expect((await listening.ended).exitCode).toBe(3);
    expect(existsSync(homeOf("bea"))).toBe(false);
    expect((await on("bea", "wipe", "--yes")).exitCode).toBe(0);
    expect(await on("bea", "devices", "--secret-file", next)).toMatchObject({ exitCode: 1 });
  });
});

test("a profile in the open keeps working for programs, with one remark about it", { timeout: SLOW }, async () => {
  const made = await on("bot", "init", "--relay", url, "--name", "Bot");
  expect(made).toMatchObject({ exitCode: 0, lines: [{ type: "account" }] });
  expect(made.err.trim().split("\n")).toHaveLength(1);
  expect(await on("bot", "devices")).toMatchObject({ exitCode: 0, err: "" });
  expect((await on("bot", "unlock")).exitCode).toBe(1);
  expect(await filesOf("bot")).toEqual(["device", "vault.bin"]);
});

// Skipped where there is no terminal to be had: script(1) of util-linux makes one.
test.runIf(existsSync("/usr/bin/script"))(
  "at a real terminal what is typed is not shown",
  { timeout: SLOW },
  async () => {
    const launcher = fileURLToPath(new URL("../bin/stonechat.mjs", import.meta.url));
    await mkdir(join(folder, "tty"));
    const command = `'${process.execPath}' '${launcher}' --home '${homeOf("ada")}' devices`;
    const terminal = spawn("/usr/bin/script", ["-qec", command, "/dev/null"], { stdio: ["pipe", "pipe", "inherit"] });
    onTestFinished(() => {
      terminal.kill("SIGKILL");
    });
    let shown = "";
    const ended = new Promise<number | null>((resolve) => {
      terminal.once("close", resolve);
    });
    let answered = false;
    terminal.stdout.setEncoding("utf8").on("data", (text: string) => {
      shown += text;
      if (answered || !shown.includes("Passphrase: ")) return;
      answered = true;
      terminal.stdin.write(`${PASSPHRASE}\r`);
    });
    expect(await ended).toBe(0);
    expect(shown).toContain("this device");
    expect(shown).not.toContain("marble");
  },
);
