import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FakeClient } from "../testing/fake-client.ts";
import { runCli } from "../testing/run-cli.ts";
import { temporaryHomes } from "../testing/temporary-home.ts";

const newHome = temporaryHomes();

describe("init", () => {
  test("asks for the code of a relay that wants one, on a terminal only", async () => {
    const client = new FakeClient();
    client.accountView = undefined;
    client.refusals = { createAccount: "not-admitted" };
    const { host, exitCode } = await runCli(["init", "--relay", "https://r", "--name", "Ada"], {
      home: await newHome(),
      client,
      stdinTty: true,
      answers: ["CODE"],
    });
    expect(exitCode).toBe(1);
    expect(host.questions.length).toBe(1);
    expect(client.calls.filter(([method]) => method === "createAccount").at(-1)?.[1]).toMatchObject({
      admissionCode: "CODE",
    });
    client.closed = false;
    const silent = await runCli(["init", "--relay", "https://r"], { home: await newHome(), client });
    expect(silent.host.questions).toEqual([]);
    expect(silent.err).toContain("--code-file");
  });

  test("takes the code from a file or standard input", async () => {
    const home = await newHome();
    await writeFile(join(home, "code"), "ABCD\n");
    for (const [path, stdin] of [
      [join(home, "code"), ""],
      ["-", "ABCD\n"],
    ] as const) {
      const client = new FakeClient();
      client.accountView = undefined;
      expect(
        (await runCli(["init", "--relay", "https://r/", "--code-file", path], { home, client, stdin })).exitCode,
      ).toBe(0);
      expect(client.called("createAccount")?.[0]).toMatchObject({ admissionCode: "ABCD", relayUrl: "https://r" });
    }
  });

  test("a second account is refused", async () => {
    const { exitCode, err } = await runCli(["init", "--relay", "https://r"], {
      home: await newHome(),
      client: new FakeClient(),
    });
    expect(exitCode).toBe(1);
    expect(err).toContain("already has an account");
  });

  test("makes a name that says nothing about the user when none is given", async () => {
    const client = new FakeClient();
    client.accountView = undefined;
    const { host } = await runCli(["init", "--relay", "https://r", "--json"], { home: await newHome(), client });
    expect(host.lines()).toMatchObject([{ name: "guest-ababab" }]);
  });
});

describe("accept", () => {
  test.each([
    ["own", 1],
    ["expired", 1],
    ["not-an-invite", 1],
  ] as const)("refuses a link that is %s without using it", async (type, code) => {
    const client = new FakeClient();
    client.preview = { type };
    expect((await runCli(["accept", "LINK"], { home: await newHome(), client })).exitCode).toBe(code);
    expect(client.called("acceptInvite")).toBeUndefined();
  });

  test("takes the link from standard input", async () => {
    const client = new FakeClient();
    await runCli(["accept", "-"], { home: await newHome(), client, stdin: "http://relay.test/#i/BBBB\n" });
    expect(client.called("acceptInvite")).toEqual(["http://relay.test/#i/BBBB"]);
  });

  test("ends with 1 when no answer comes in time", async () => {
    const client = new FakeClient();
    const { host, exitCode } = await runCli(["accept", "LINK", "--wait", "30s", "--json"], {
      home: await newHome(),
      client,
    });
    expect(exitCode).toBe(1);
    expect(host.lines()).toMatchObject([{ type: "request-sent" }]);
  });
});
