import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { MessageView } from "@stonechat/core";
import { attachmentOf, contactOf, conversationOf, FakeClient, idOf, messageOf, NOON } from "../testing/fake-client.ts";
import { runCli } from "../testing/run-cli.ts";
import { temporaryHomes } from "../testing/temporary-home.ts";

const newHome = temporaryHomes();
const C1 = idOf("c1");
const M1 = idOf("e1", 32);

/** A conversation with Bea. */
function someClient(timerSeconds = 0, message: Partial<MessageView> = {}): FakeClient {
  const client = new FakeClient();
  client.contactViews = [contactOf("1", "Bea")];
  client.conversationViews = [conversationOf("1", "Bea", { contactId: idOf("a1"), timerSeconds })];
  client.messageViews = [messageOf("1", "", message)];
  return client;
}

const unopened = {
  viewOnce: "unopened",
  attachments: [attachmentOf("1", "view-once", { kind: "image", transfer: { state: "local" } })],
} as const;

async function somePicture(home: string): Promise<string> {
  const path = join(home, "a.png");
  await writeFile(path, "png");
  return path;
}

describe("send", () => {
  test("--timer lets one message disappear", async () => {
    const client = someClient();
    expect((await runCli(["send", "Bea", "x", "--timer", "1h"], { home: await newHome(), client })).exitCode).toBe(0);
    expect(client.called("send")?.[1]).toMatchObject({ text: "x", timerSeconds: 3_600 });
  });

  test.each(["0s", "1", "366d", "soon", ""])("--timer %j is wrong usage, and nothing is sent", async (timer) => {
    const client = someClient();
    const { exitCode } = await runCli(["send", "Bea", "x", "--timer", timer], { home: await newHome(), client });
    expect(exitCode).toBe(2);
    expect(client.called("send")).toBeUndefined();
  });

  test("--timer is refused if the conversation's is shorter", async () => {
    const client = someClient(3_600);
    const { exitCode, err } = await runCli(["send", "Bea", "x", "--timer", "2h"], { home: await newHome(), client });
    expect(exitCode).toBe(1);
    expect(err).toContain("1h");
    expect(client.called("send")).toBeUndefined();
  });

  test("--view-once sends one picture", async () => {
    const client = someClient();
    const home = await newHome();
    const { exitCode } = await runCli(["send", "Bea", "--file", await somePicture(home), "--view-once"], {
      home,
      client,
    });
    expect(exitCode).toBe(0);
    expect(client.called("send")?.[1]).toMatchObject({ text: "", viewOnce: true });
  });

  test("--view-once with words, without a file, or with a document is wrong usage", async () => {
    const client = someClient();
    const home = await newHome();
    const picture = await somePicture(home);
    const text = join(home, "a.txt");
    await writeFile(text, "x");
    for (const more of [["x", "--file", picture], ["x"], ["--file", text], ["--file", picture, "--file", picture]]) {
      expect((await runCli(["send", "Bea", ...more, "--view-once"], { home, client })).exitCode).toBe(2);
    }
    expect(client.called("send")).toBeUndefined();
  });
});

describe("timer", () => {
  test.each([
    ["1h", 3_600],
    ["90m", 5_400],
    ["365d", 31_536_000],
    ["off", 0],
  ])("%s is %d seconds", async (wanted, seconds) => {
    const client = someClient();
    expect((await runCli(["timer", "Bea", wanted], { home: await newHome(), client })).exitCode).toBe(0);
    expect(client.called("setTimer")).toEqual([C1, seconds]);
  });

  test("without a time tells the present one and changes nothing", async () => {
    const client = someClient(5_400);
    const { out } = await runCli(["timer", "Bea"], { home: await newHome(), client });
    expect(out).toContain("90m");
    expect(client.called("setTimer")).toBeUndefined();
  });

  test.each(["on", "0s", "366d", "-1h"])("%s is wrong usage", async (wanted) => {
    const client = someClient();
    expect((await runCli(["timer", "Bea", "--", wanted], { home: await newHome(), client })).exitCode).toBe(2);
    expect(client.called("setTimer")).toBeUndefined();
  });
});

describe("what a message says of itself", () => {
  test("when it disappears", async () => {
    const client = someClient(0, { timerSeconds: 3_600, expiresAt: NOON + 60_000 });
    const { out } = await runCli(["read", "Bea", "--json"], { home: await newHome(), client });
    expect(JSON.parse(out)).toMatchObject({ timerSeconds: 3_600, expiresAt: "2026-11-22T12:01:00.000Z" });
    client.closed = false;
    expect((await runCli(["read", "Bea"], { home: await newHome(), client })).out).toContain("disappears after 1h");
  });

  test("that its file can be opened once; read and listen leave it alone", async () => {
    const client = someClient(0, unopened);
    const { out } = await runCli(["read", "Bea", "--json", "--download"], { home: await newHome(), client });
    expect(JSON.parse(out)).toMatchObject({
      viewOnce: "unopened",
      attachments: [{ path: null, problem: "view-once" }],
    });
    expect(client.called("openAttachment")).toBeUndefined();
    expect(client.called("openViewOnce")).toBeUndefined();
  });
});

describe("view", () => {
  test("writes the file and tells where", async () => {
    const client = someClient(0, unopened);
    client.content = "a picture";
    const home = await newHome();
    const { out, exitCode } = await runCli(["view", "Bea", M1, "--json", "--downloads", home], { home, client });
    expect(exitCode).toBe(0);
    const { path } = JSON.parse(out) as { readonly path: string };
    expect(await readFile(path, "utf8")).toBe("a picture");
    expect(client.called("openViewOnce")?.slice(0, 2)).toEqual([C1, M1]);
  });

  test.each([
    ["an ordinary message", {}],
    ["what was opened before", { viewOnce: "opened" }],
    ["one's own", { ...unopened, fromSelf: true }],
  ] as const)("refuses %s", async (_, message) => {
    const client = someClient(0, message);
    const home = await newHome();
    expect((await runCli(["view", "Bea", M1, "--downloads", home], { home, client })).exitCode).toBe(1);
    expect(client.called("openViewOnce")).toBeUndefined();
  });
});
