import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cli, endProcessesAfterwards, startCli, startNode, type Ended, type Running } from "./testing/processes.ts";

const BOT = fileURLToPath(new URL("../../../examples/echo-bot/echo-bot.mjs", import.meta.url));
/** Real processes on a busy machine. */
const SLOW = 120_000;

endProcessesAfterwards();

let folder = "";
let relay: Running;
let url = "";

/** Runs `stonechat … --json` on the profile of that name. */
async function on(profile: string, ...argv: readonly string[]): Promise<Ended> {
  return await cli(["--home", join(folder, profile), ...argv, "--json"]);
}

function startOn(profile: string, ...argv: readonly string[]): Running {
  return startCli(["--home", join(folder, profile), ...argv, "--json"]);
}

async function startRelay(listen: string): Promise<void> {
  relay = startCli([
    "relay",
    "start",
    "--json",
    "--data",
    join(folder, "relay"),
    "--listen",
    listen,
    "--admission",
    "open",
  ]);
  url = String((await relay.line(({ type }) => type === "ready"))["url"]);
}

/** Makes an account and connects it with `inviter`, which must be listening. */
async function connect(profile: string, name: string, inviter: string): Promise<void> {
  expect((await on(profile, "init", "--relay", url, "--name", name)).exitCode).toBe(0);
  const [invite] = (await on(inviter, "invite")).lines;
  const accepted = await on(profile, "accept", String(invite?.["link"]), "--wait", "60s");
  expect(accepted.lines.map(({ type }) => type)).toEqual(["request-sent", "contact"]);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "stonechat-e2e-"));
  await startRelay("127.0.0.1:0");
  expect((await on("ada", "init", "--relay", url, "--name", "Ada")).lines).toMatchObject([
    { type: "account", name: "Ada" },
  ]);
}, SLOW);

afterAll(async () => {
  relay.process.kill("SIGTERM");
  expect((await relay.ended).exitCode).toBe(0);
  await rm(folder, { recursive: true, force: true });
}, SLOW);

describe("two people in two terminals", () => {
  test(
    "connect, write both ways while one listens, and lose nothing over kill -9 of everything",
    async () => {
      const adaListens = startOn("ada", "listen");
      await connect("bea", "Bea", "ada");

      // Every command of Ada's goes through the process that listens.
      const sent = await on("ada", "send", "Bea", "hello Bea");
      expect(sent).toMatchObject({ exitCode: 0, lines: [{ type: "sent", state: "sent" }] });
      const beaHears = await on("bea", "listen", "--count", "1", "--for", "60s");
      expect(beaHears.exitCode).toBe(0);
      expect(beaHears.lines.find(({ type }) => type === "message")).toMatchObject({
        text: "hello Bea",
        from: "Ada",
        id: sent.lines[0]?.["id"],
      });
      expect((await on("bea", "send", "Ada", "hello Ada")).exitCode).toBe(0);
      await adaListens.line(({ text }) => text === "hello Ada");

      adaListens.process.kill("SIGKILL");
      await adaListens.ended;
      relay.process.kill("SIGKILL");
      await relay.ended;
      expect(await on("ada", "send", "Bea", "while it was down")).toMatchObject({
        exitCode: 4,
        lines: [{ state: "waiting" }],
      });
      expect((await on("ada", "doctor")).exitCode).toBe(4);
      await startRelay(new URL(url).host);

      expect((await on("ada", "contacts")).lines).toMatchObject([{ type: "contact", name: "Bea" }]);
      const history = await on("bea", "read", "Ada", "--last", "10");
      expect(history.lines.map(({ text }) => text)).toEqual(["hello Bea", "hello Ada", "while it was down"]);
    },
    SLOW,
  );

  test(
    "a file arrives whole, under a safe name",
    async () => {
      const content = Buffer.from(Array.from({ length: 300_000 }, (_, at) => at % 251));
      await writeFile(join(folder, "-rf.bin"), content);
      expect((await on("ada", "send", "Bea", "--file", join(folder, "-rf.bin"))).exitCode).toBe(0);
      const heard = await on("bea", "listen", "--count", "1", "--for", "60s");
      const message = heard.lines.find(({ type }) => type === "message");
      expect(message).toMatchObject({
        attachments: [{ name: "-rf.bin", size: content.length, path: join(folder, "bea", "downloads", "rf.bin") }],
      });
      expect(content.equals(await readFile(join(folder, "bea", "downloads", "rf.bin")))).toBe(true);
    },
    SLOW,
  );

  test(
    "the echo bot answers through listen and send alone",
    async () => {
      const bot = startNode(BOT, ["--home", join(folder, "ada")]);
      const listening = startOn("bea", "listen", "--count", "1", "--for", "100s");
      const sent = await on("bea", "send", "Ada", "echo this");
      const { lines } = await listening.ended;
      expect(lines.find(({ type }) => type === "message")).toMatchObject({
        from: "Ada",
        text: "echo this",
        replyTo: sent.lines[0]?.["id"],
      });
      bot.process.kill("SIGTERM");
      expect((await bot.ended).exitCode).toBe(0);
    },
    SLOW,
  );
});

test(
  "a group of three: who is removed reads no more",
  async () => {
    const adaListens = startOn("ada", "listen");
    await connect("cy", "Cy", "ada");
    const others = ["bea", "cy"].map((profile) => startOn(profile, "listen"));
    expect((await on("ada", "group", "create", "Crew", "Bea", "Cy")).lines).toMatchObject([
      { type: "conversation", name: "Crew", kind: "group" },
    ]);
    await Promise.all(others.map((other) => other.line(({ type, kind }) => type === "request" && kind === "group")));
    expect((await on("ada", "send", "Crew", "to all")).exitCode).toBe(0);
    await Promise.all(others.map((other) => other.line(({ text }) => text === "to all")));
    expect((await on("ada", "group", "remove", "Crew", "Cy")).exitCode).toBe(0);
    expect((await on("ada", "send", "Crew", "without Cy")).exitCode).toBe(0);
    const [bea, cy] = others;
    await bea?.line(({ text }) => text === "without Cy");
    expect((await on("cy", "send", "Crew", "am I in?")).exitCode).toBe(1);
    for (const { process: child } of [...others, adaListens]) child.kill("SIGTERM");
    expect((await adaListens.ended).exitCode).toBe(0);
    const heard = (await cy?.ended)?.lines ?? [];
    expect(heard.map(({ text }) => text)).toContain("to all");
    expect(heard.map(({ text }) => text)).not.toContain("without Cy");
    await bea?.ended;
  },
  SLOW,
);
