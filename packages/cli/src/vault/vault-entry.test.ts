import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FakeClient } from "../testing/fake-client.ts";
import { FakeDoor } from "../testing/fake-door.ts";
import { runCli } from "../testing/run-cli.ts";
import { temporaryHomes } from "../testing/temporary-home.ts";

const SECRET = "correct horse battery staple seven words";
const newHome = temporaryHomes();

/** A folder with a file that holds a secret, for its user alone. */
async function secretFile(secret: string): Promise<{ readonly home: string; readonly path: string }> {
  const home = await newHome();
  const path = join(home, "secret");
  await writeFile(path, secret, { mode: 0o600 });
  return { home, path };
}

describe("a locked profile", () => {
  test("ends a command with 3 and the way out when nobody can be asked", async () => {
    const door = FakeDoor.locked("pin", "482913");
    const { exitCode, err, out } = await runCli(["contacts"], {
      home: await newHome(),
      client: new FakeClient(),
      door,
    });
    expect({ exitCode, out }).toEqual({ exitCode: 3, out: "" });
    expect(err).toContain("stonechat unlock");
    expect(err).toContain("--secret-file");
    expect(door.calls).toEqual([]);
  });

  test.each([
    ["pin", "482913", "PIN: "],
    ["passphrase", SECRET, "Passphrase: "],
  ] as const)("asks for the %s at a terminal, unseen", async (mode, secret, question) => {
    const client = new FakeClient();
    const door = FakeDoor.locked(mode, secret);
    const settings = { stdinTty: true, stdoutTty: true, answers: [`${secret} `], client, door };
    const { exitCode, host } = await runCli(["devices"], { home: await newHome(), ...settings });
    expect(exitCode).toBe(0);
    expect(host.questions).toEqual([question]);
    expect(host.hiddenQuestions).toEqual([question]);
    expect(door.opened.every(({ closed }) => closed)).toBe(true);
  });

  test("asks nobody whose messages would not be seen", async () => {
    const settings = { stdinTty: true, client: new FakeClient(), door: FakeDoor.locked("pin", "482913") };
    expect((await runCli(["devices"], { home: await newHome(), ...settings })).exitCode).toBe(3);
  });

  test("opens with the secret of a file or of standard input, white space around it aside", async () => {
    const { home, path } = await secretFile(`  ${SECRET}\n`);
    for (const [file, stdin] of [
      [path, ""],
      ["-", `${SECRET}\r\n`],
    ] as const) {
      const door = FakeDoor.locked("passphrase", SECRET);
      const settings = { home, client: new FakeClient(), door, stdin };
      const { exitCode, err } = await runCli(["devices", "--secret-file", file], settings);
      expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
    }
  });

  test("takes the option before the command too", async () => {
    const { home, path } = await secretFile(SECRET);
    const door = FakeDoor.locked("passphrase", SECRET);
    const { exitCode } = await runCli(["--secret-file", path, "devices"], { home, client: new FakeClient(), door });
    expect(exitCode).toBe(0);
  });

  test("warns of a file that others can read, and uses it", async () => {
    const { home, path } = await secretFile(SECRET);
    await chmod(path, 0o644);
    const door = FakeDoor.locked("passphrase", SECRET);
    const settings = { home, client: new FakeClient(), door };
    const { exitCode, err } = await runCli(["devices", "--secret-file", path], settings);
    expect(exitCode).toBe(0);
    expect(err).toContain("chmod 600");
  });

  test.each([
    ["", "holds no secret"],
    ["x".repeat(5000), "too long"],
  ])("refuses an empty file and one that is no secret", async (content, reason) => {
    const { home, path } = await secretFile(content);
    const door = FakeDoor.locked("passphrase", SECRET);
    const { exitCode, err } = await runCli(["devices", "--secret-file", path], { home, door });
    expect(exitCode).toBe(1);
    expect(err).toContain(reason);
    expect(door.calls).toEqual([]);
  });

  test("tells a wrong secret with one sentence and 1, whatever is the reason", async () => {
    const { home, path } = await secretFile("314159");
    for (const door of [FakeDoor.locked("pin", "482913"), FakeDoor.locked("passphrase", SECRET)]) {
      const { exitCode, err } = await runCli(["devices", "--secret-file", path], { home, door });
      expect({ exitCode, err }).toEqual({ exitCode: 1, err: "stonechat: That opened nothing.\n" });
    }
  });

  test("stays locked, with 3, when too few guards can be reached", async () => {
    const { home, path } = await secretFile("482913");
    const door = Object.assign(FakeDoor.locked("pin", "482913"), { reachable: false });
    const { exitCode, err } = await runCli(["devices", "--secret-file", path], { home, door });
    expect(exitCode).toBe(3);
    expect(err).toContain("2 guards are needed");
  });

  test("that is damaged is told with 1 and what can be done", async () => {
    const door = Object.assign(new FakeDoor(), { state: "damaged" as const });
    const { exitCode, err } = await runCli(["devices"], { home: await newHome(), door });
    expect(exitCode).toBe(1);
    expect(err).toContain("damaged or gone");
  });

  test("never shows the secret, neither on stdout nor on stderr", async () => {
    const { home, path } = await secretFile(SECRET);
    for (const secret of [SECRET, "another one that is wrong"]) {
      const door = FakeDoor.locked("passphrase", secret);
      const settings = { home, client: new FakeClient(), door };
      const { out, err } = await runCli(["devices", "--json", "--secret-file", path], settings);
      expect(`${out}${err}`).not.toMatch(/correct|horse|battery/);
    }
  });

  test("one thing only is read from standard input", async () => {
    const door = FakeDoor.locked("passphrase", SECRET);
    const settings = { home: await newHome(), client: new FakeClient(), door, stdin: SECRET };
    expect((await runCli(["send", "Bea", "-", "--secret-file", "-"], settings)).exitCode).toBe(2);
    expect(door.calls).toEqual([]);
  });
});

describe("guesses of somebody else", () => {
  test("are told on stderr, and as an alarm with --json", async () => {
    const door = Object.assign(FakeDoor.locked("pin", "482913"), { foreignGuesses: 3 });
    const { home, path } = await secretFile("482913");
    const settings = { home, client: new FakeClient(), door };
    const { host, err } = await runCli(["devices", "--json", "--secret-file", path], settings);
    expect(err).toContain("somebody else used 3 guesses");
    expect(host.lines()[0]).toEqual({ type: "alarm", alarm: "foreign-guesses", guesses: 3 });
    expect(host.lines()[1]).toMatchObject({ type: "device" });
  });
});

test("a profile from before the vault is refused with what can be done", async () => {
  const home = await newHome();
  await writeFile(join(home, "store"), "");
  const { exitCode, err } = await runCli(["devices"], { home, door: FakeDoor.absent() });
  expect(exitCode).toBe(1);
  expect(err).toContain("unencrypted");
  expect(err).toContain("stonechat wipe");
});
