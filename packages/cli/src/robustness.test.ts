import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { cli, endProcessesAfterwards, startCli } from "./testing/processes.ts";
import { temporaryHomes } from "./testing/temporary-home.ts";

const LAUNCHER = fileURLToPath(new URL("../bin/stonechat.mjs", import.meta.url));
const SLOW = 60_000;
const newHome = temporaryHomes();

endProcessesAfterwards();

async function shell(script: string): Promise<{ readonly stdout: string; readonly stderr: string }> {
  return await promisify(execFile)("/bin/sh", [
    "-c",
    script.replaceAll("stonechat", `'${process.execPath}' '${LAUNCHER}'`),
  ]);
}

describe("a real process", () => {
  test("ends with 4 when there is no relay, and leaves no account behind", { timeout: SLOW }, async () => {
    const home = await newHome();
    const { exitCode, err } = await cli(["init", "--home", home, "--relay", "http://127.0.0.1:9", "--name", "Ada"]);
    expect(exitCode).toBe(4);
    expect(err).toContain("cannot be reached");
    expect((await cli(["contacts", "--home", home])).exitCode).toBe(1);
  });

  test("survives a reader that goes away", { timeout: SLOW }, async () => {
    const { stdout, stderr } = await shell("{ stonechat --help; echo $? >&2; } | head -1");
    expect(stdout.split("\n")[0]).toContain("Stonechat");
    expect(stderr).toBe("0\n");
  });

  test("runs with closed standard streams", { timeout: SLOW }, async () => {
    const { stdout } = await shell("stonechat --version <&- 2>&-; echo $?; stonechat --version >&- <&- 2>&-; echo $?");
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n0\n0\n$/);
  });

  test.skipIf(process.platform !== "linux")(
    "says that the disk is full and ends with 1",
    { timeout: SLOW },
    async () => {
      // Skipped elsewhere: /dev/full is Linux's.
      const { stdout } = await shell("stonechat --help 2>&1 >/dev/full; echo $?");
      expect(stdout).toBe("stonechat: The disk is full. Nothing was lost; make room and try again.\n1\n");
    },
  );

  test("a relay stops in order on SIGTERM with 0, and its folder can be used again", { timeout: SLOW }, async () => {
    const data = join(await newHome(), "relay");
    for (let round = 0; round < 2; round += 1) {
      const relay = startCli([
        "relay",
        "start",
        "--json",
        "--data",
        data,
        "--listen",
        "127.0.0.1:0",
        "--admission",
        "code",
      ]);
      const ready = await relay.line(({ type }) => type === "ready");
      expect(ready).toEqual({ type: "ready", url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) as string });
      expect((await cli(["relay", "start", "--data", data, "--listen", "127.0.0.1:0"])).exitCode).toBe(1);
      expect(await cli(["relay", "status", String(ready["url"]), "--json"])).toMatchObject({
        exitCode: 0,
        lines: [{ state: "ok" }],
      });
      relay.process.kill("SIGTERM");
      expect(await relay.ended).toMatchObject({ exitCode: 0, signal: null });
    }
  });

  test("an admission code lets one in who has it, and nobody else", { timeout: SLOW }, async () => {
    const folder = await newHome();
    const data = join(folder, "relay");
    const relay = startCli(["relay", "start", "--json", "--data", data, "--listen", "127.0.0.1:0"]);
    const url = String((await relay.line(({ type }) => type === "ready"))["url"]);
    const made = await cli(["relay", "code", "new", "--data", data, "--json"]);
    const code = String(made.lines[0]?.["code"]);
    const refused = await cli(["init", "--home", join(folder, "a"), "--relay", url, "--name", "Ada"]);
    expect(refused).toMatchObject({ exitCode: 1 });
    expect(refused.err).toContain("--code-file");
    expect(
      (await cli(["init", "--home", join(folder, "a"), "--relay", url, "--name", "Ada", "--code-file", "-"], code))
        .exitCode,
    ).toBe(0);
    for (const name of await readdir(data)) {
      if (!name.startsWith("admission")) continue;
      expect((await readFile(join(data, name))).includes(code)).toBe(false);
    }
    relay.process.kill("SIGTERM");
    await relay.ended;
  });
});

test(
  "listen holds a profile whose folder only its user can open, and lets go on each signal",
  { timeout: SLOW },
  async () => {
    const folder = await newHome();
    const relay = startCli([
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
    const url = String((await relay.line(({ type }) => type === "ready"))["url"]);
    const home = join(folder, "a");
    await mkdir(home, { mode: 0o700 });
    expect((await cli(["init", "--home", home, "--relay", url, "--name", "Ada"])).exitCode).toBe(0);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"] as const) {
      const listening = spawn(process.execPath, [LAUNCHER, "listen", "--home", home], { stdio: "ignore" });
      while (!(await readdir(home)).includes("profile.sock"))
        await new Promise((resolve) => void setTimeout(resolve, 50));
      listening.kill(signal);
      const [code] = (await once(listening, "exit")) as [number | null];
      expect(code).toBe(signal === "SIGKILL" ? null : 0);
      expect((await cli(["devices", "--home", home])).exitCode).toBe(0);
      expect((await readdir(home)).includes("profile.sock")).toBe(false);
    }
    relay.process.kill("SIGTERM");
    await relay.ended;
  },
);
