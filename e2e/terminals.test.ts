import { once } from "node:events";
import { createServer } from "node:net";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { Relay } from "./actors/relay.ts";
import { openStage } from "./actors/stage.ts";
import { Terminal } from "./actors/terminal.ts";

const stage = openStage();
let relay: Relay;
let ana: Terminal;
let bo: Terminal;

/** An address at which nothing answers. */
async function deadAddress(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return `http://127.0.0.1:${String(typeof address === "object" ? address?.port : undefined)}`;
}

beforeAll(async () => {
  relay = stage.ends(await Relay.start(stage.folder), (one) => one.stop());
  ana = await Terminal.create(stage.folder, "Ana", relay.url);
  bo = await Terminal.create(stage.folder, "Bo", relay.url);
});

describe("two terminals", () => {
  test("become contacts by a link, and say everything there is to say", async () => {
    const anaHears = stage.ends(ana.listen(), (one) => one.stop());
    const link = await ana.invite();
    await bo.done("accept", link, "--wait", "30s");
    await anaHears.hear({ type: "contact", name: "Bo" });

    const [first] = await bo.done("send", "Ana", "Are you there?");
    const heard = await anaHears.hear({ type: "message", text: "Are you there?" });
    expect(heard).toMatchObject({ conversationName: "Bo", from: "Bo", fromSelf: false, id: first?.["id"] });

    const boHears = stage.ends(bo.listen(), (one) => one.stop());
    await boHears.hear({ type: "receipt", state: "read" });
    await ana.done("send", "Bo", "I am.", "--reply-to", String(heard["id"]));
    const answer = await boHears.hear({ type: "message", text: "I am." });
    expect(answer["replyTo"]).toBe(heard["id"]);

    await bo.done("react", "Ana", String(answer["id"]), "👍");
    expect(await anaHears.hear({ type: "reaction", emoji: "👍" })).toMatchObject({ id: answer["id"], removed: false });
    await ana.done("edit", "Bo", String(answer["id"]), "I am here.");
    await boHears.hear({ type: "edit", id: answer["id"], text: "I am here." });
    await bo.done("delete", "Ana", String(heard["id"]));
    await anaHears.hear({ type: "delete", id: heard["id"] });

    const sent = join(stage.folder, "minutes.pdf");
    writeFileSync(sent, Buffer.alloc(300_000, "minutes of the meeting "));
    await bo.done("send", "Ana", "--file", sent);
    const withFile = await anaHears.hear({ type: "message", text: "", deleted: undefined });
    const [file] = withFile["attachments"] as readonly { readonly name: string; readonly path: string }[];
    expect(file?.name).toBe("minutes.pdf");
    expect(readFileSync(file?.path ?? "")).toEqual(readFileSync(sent));

    expect(await anaHears.stop()).toBe(0);
    expect(await boHears.stop()).toBe(0);
    expect([...anaHears.broken, ...boHears.broken]).toEqual([]);
  });

  test("keep everything while the relay is killed and started again", async () => {
    const before = { ana: await ana.done("read", "Bo"), bo: await bo.done("read", "Ana") };
    await relay.stop("SIGKILL");
    const waiting = await bo.run("send", "Ana", "written while it was gone", "--wait", "1s");
    expect(waiting.lines[0]).toMatchObject({ type: "sent", state: "waiting" });
    await relay.start();
    expect((await ana.done("read", "Bo", "--offline")).map(({ id }) => id)).toEqual(before.ana.map(({ id }) => id));
    expect((await bo.done("read", "Ana", "--offline")).length).toBe(before.bo.length + 1);
    await bo.done("send", "Ana", "and this after");
    await ana.message("Bo", "and this after");
    expect(await ana.texts("Bo")).toContain("written while it was gone");
  });
});

describe("exit codes", () => {
  test("0 and JSON for what was done", async () => {
    const { code, lines } = await ana.run("contacts");
    expect(code).toBe(0);
    expect(lines).toMatchObject([{ type: "contact", name: "Bo", verified: false }]);
  });

  test.concurrent.each([
    ["an unknown contact", ["send", "Nobody", "hello"]],
    ["a link that is none", ["accept", "https://example.org/"]],
    ["a second account", ["init", "--relay", "http://127.0.0.1:9", "--name", "Again"]],
    ["an empty message", ["send", "Bo", ""]],
  ])("1 and a sentence for %s", async (_what, args) => {
    const { code, stdout, stderr } = await ana.run(...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^stonechat: .*\.\n$/s);
  });

  test.concurrent.each([
    ["no command", []],
    ["an unknown command", ["sing"]],
    ["a missing argument", ["send"]],
    ["an unknown option", ["contacts", "--loud"]],
    ["a bad duration", ["listen", "--for", "soon"]],
  ])("2 and the usage for %s", async (_what, args) => {
    const { code, stderr } = await ana.run(...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(/usage|--help/i);
  });

  test("4 when no relay answers, and nothing is lost", async () => {
    const lonely = Terminal.fresh(stage.folder, "Lonely", await deadAddress());
    expect((await lonely.run("init", "--relay", lonely.relayUrl, "--name", "Lonely")).code).toBe(4);
    await relay.stop();
    expect((await ana.run("send", "Bo", "into the void", "--wait", "1s")).code).toBe(4);
    await relay.start();
    // What waits goes out with the next command of its sender.
    await ana.done("send", "Bo", "out of the void");
    await bo.message("Ana", "out of the void");
    expect(await bo.texts("Ana")).toContain("into the void");
  });
});
