import { chmod, mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { StorageError } from "@stonechat/core";
import { describe, expect, test } from "vitest";
import { COMMANDS } from "./commands/commands.ts";
import { run } from "./run.ts";
import { contactOf, conversationOf, FakeClient } from "./testing/fake-client.ts";
import { FakeHost } from "./testing/fake-host.ts";
import { runCli } from "./testing/run-cli.ts";
import { temporaryHomes } from "./testing/temporary-home.ts";

const newHome = temporaryHomes();

describe("wrong usage ends with 2, a message on stderr and nothing on stdout", () => {
  test.each([
    [[]],
    [["nonsense"]],
    [["group"]],
    [["group", "nonsense"]],
    [["requests", "accept"]],
    [["send", "Bea"]],
    [["send", "Bea", "two", "words"]],
    [["listen", "--count", "0"]],
    [["listen", "--for", "soon"]],
    [["contacts", "--unknown"]],
    [["init"]],
    [["init", "--relay", "ftp://x"]],
    [["init", "--relay", "https://u:p@x"]],
    [["init", "--relay", "https://x/path"]],
    [["init", "--relay", "http://chat.example.org"]],
    [["init", "--relay", "chat.example.org"]],
    [["init", "--relay", "http://x", "--secret", "s"]],
    [["verify", "Bea", "--mark", "--unmark"]],
    [["--bad", "contacts"]],
    [["relay", "start"]],
    [["relay", "start", "--data", "x", "--admission", "maybe"]],
  ])("%j", async (argv: readonly string[]) => {
    const client = new FakeClient();
    const { exitCode, out, err } = await runCli(argv, { home: await newHome(), client });
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: "" });
    expect(err).toMatch(/^stonechat: .+/);
    expect(client.calls.filter(([method]) => method !== "close")).toEqual([]);
  });
});

describe("help", () => {
  test("names every command", async () => {
    const { exitCode, out } = await runCli(["--help"], { home: await newHome() });
    expect(exitCode).toBe(0);
    for (const { name } of COMMANDS) expect(out).toContain(`  ${name}`);
  });

  test.each(COMMANDS.map(({ name }) => name))("of %s needs neither arguments nor a profile", async (name) => {
    const { exitCode, out, err } = await runCli([...name.split(" "), "--help"], { home: "/nonexistent/profile" });
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
    expect(out).toContain(`Usage: stonechat ${name}`);
  });

  test("the version is a version", async () => {
    expect((await runCli(["--version"], { home: await newHome() })).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe("the profile folder", () => {
  test("is taken from --home, else from STONECHAT_HOME, else from the user's home", async () => {
    const home = await newHome();
    const client = (): FakeClient => new FakeClient();
    const viaEnv = new FakeHost({ home, client: client(), env: { STONECHAT_HOME: home } });
    expect(await run(["devices", "--json"], viaEnv)).toBe(0);
    const elsewhere = new FakeHost({ home, client: client(), env: { STONECHAT_HOME: home } });
    expect(await run(["--home", join(home, "none"), "devices"], elsewhere)).toBe(1);
    expect(elsewhere.err).toContain("no account in this profile");
    const byDefault = new FakeHost({ home, client: client() });
    await mkdir(join(home, ".stonechat"), { mode: 0o700 });
    expect(await run(["devices"], byDefault)).toBe(0);
  });

  test("is refused while other users can enter it", async () => {
    const home = await newHome();
    await chmod(home, 0o755);
    const { exitCode, err } = await runCli(["devices"], { home, client: new FakeClient() });
    expect(exitCode).toBe(1);
    expect(err).toContain("chmod 700");
  });

  test("is refused when it is a link", async () => {
    const home = await newHome();
    await symlink(home, join(home, "link"));
    expect((await runCli(["devices"], { home: join(home, "link"), client: new FakeClient() })).exitCode).toBe(1);
  });

  test("is not made by a command that needs an account", async () => {
    const home = join(await newHome(), "absent");
    expect((await runCli(["contacts"], { home })).exitCode).toBe(1);
    await expect(import("node:fs/promises").then(({ stat }) => stat(home))).rejects.toMatchObject({ code: "ENOENT" });
  });
});

describe("ends", () => {
  test("every command closes the core, also when it fails", async () => {
    const client = new FakeClient();
    client.refusals = { createInvite: "storage-full" };
    const { exitCode, err } = await runCli(["invite"], { home: await newHome(), client });
    expect(exitCode).toBe(1);
    expect(err).toContain("disk is full");
    expect(client.closed).toBe(true);
  });

  test("a relay out of reach is 4", async () => {
    const client = new FakeClient();
    client.refusals = { createInvite: "relay-unreachable" };
    expect((await runCli(["invite"], { home: await newHome(), client })).exitCode).toBe(4);
  });

  test.each(["full", "io", "corrupt", "busy", "newer-version"] as const)(
    "a profile that cannot be opened (%s) is told with 1",
    async (code) => {
      const home = await newHome();
      const host = new FakeHost({ home });
      host.openCore = () => Promise.reject(new StorageError(code, "open"));
      expect(await run(["--home", home, "contacts"], host)).toBe(1);
      expect(host.err).toMatch(/^stonechat: [A-Z][^\n]+\n$/);
      // The lock was given back.
      expect((await runCli(["devices"], { home, client: new FakeClient() })).exitCode).toBe(0);
    },
  );

  test("a signal ends a waiting command with 1 and a closed profile", async () => {
    const client = new FakeClient();
    const home = await newHome();
    const host = new FakeHost({ home, client, manualTime: true });
    const running = run(["--home", home, "accept", "link", "--wait", "1h"], host);
    while (client.listeners < 2) await new Promise((resolve) => void setImmediate(resolve));
    host.interrupt();
    expect(await running).toBe(1);
    expect(client.closed).toBe(true);
  });

  test("a closed pipe ends a list quietly with 0", async () => {
    const client = new FakeClient();
    client.contactViews = [contactOf("1", "Bea"), contactOf("2", "Cy"), contactOf("3", "Di")];
    const { exitCode, err } = await runCli(["contacts"], {
      home: await newHome(),
      client,
      stdoutEnds: { at: 2, how: "closed" },
    });
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
  });

  test("a full disk under stdout is told and ends with 1", async () => {
    const client = new FakeClient();
    client.contactViews = [contactOf("1", "Bea")];
    const full = Object.assign(new Error("write"), { code: "ENOSPC" });
    const { exitCode, err } = await runCli(["contacts"], {
      home: await newHome(),
      client,
      stdoutEnds: { at: 1, how: full },
    });
    expect(exitCode).toBe(1);
    expect(err).toContain("disk is full");
  });
});

describe("hostile names", () => {
  const NAME = "\u001b]0;owned\u0007\u202eBea\nstonechat: fake";

  test.each([[["contacts"]], [["conversations"]], [["group", "members", "Team"]], [["verify", "aa1"]]])(
    "%j shows them escaped",
    async (argv) => {
      const client = new FakeClient();
      client.contactViews = [contactOf("a1", NAME)];
      client.conversationViews = [conversationOf("2", "Team", { kind: "group" }), conversationOf("3", NAME)];
      client.memberViews = [
        {
          id: "a".repeat(64),
          name: NAME,
          self: false,
          role: "member",
          deviceCount: 1,
          contact: true,
          verified: false,
          invited: false,
        },
      ];
      for (const extra of [[], ["--json"]]) {
        const words = argv[0] === "verify" ? ["verify", "aa100000"] : argv;
        const { out } = await runCli([...words, ...extra], { home: await newHome(), client, columns: 20 });
        client.closed = false;
        expect(out.length).toBeGreaterThan(0);
        expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
        expect(out).not.toMatch(/^stonechat: fake/m);
      }
    },
  );

  test("styles appear on a terminal only, and not with NO_COLOR", async () => {
    const outOf = async (settings: {
      readonly stdoutTty?: boolean;
      readonly env?: Record<string, string>;
    }): Promise<string> => {
      const client = new FakeClient();
      client.contactViews = [contactOf("1", "Bea")];
      return (await runCli(["contacts"], { home: await newHome(), client, ...settings })).out;
    };
    expect(await outOf({ stdoutTty: true })).toContain("\u001b[1mBea\u001b[0m");
    expect(await outOf({ stdoutTty: true, env: { NO_COLOR: "1" } })).not.toContain("\u001b");
    expect(await outOf({})).not.toContain("\u001b");
  });
});
