import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ClientError } from "@stonechat/core";
import { describe, expect, test } from "vitest";
import { FakeClient } from "../testing/fake-client.ts";
import { FakeDoor } from "../testing/fake-door.ts";
import { runCli, type Finished } from "../testing/run-cli.ts";
import { temporaryHomes } from "../testing/temporary-home.ts";

const WORDS = "alpha bravo charlie delta echo foxtrot";
const newHome = temporaryHomes();

interface Beginning {
  readonly door: FakeDoor;
  readonly options?: readonly string[];
  readonly answers?: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  readonly refusal?: "not-admitted";
}

/** Runs `init` on a folder without an account. Options that begin with a dot name a file of the folder. */
async function begin({ door, options = [], answers, files = {}, refusal }: Beginning): Promise<Finished> {
  const home = await newHome();
  for (const [name, content] of Object.entries(files)) await writeFile(join(home, name), content, { mode: 0o600 });
  const client = new FakeClient();
  client.accountView = undefined;
  if (refusal !== undefined) client.refusals = { createAccount: refusal };
  const words = options.map((word) => (word.startsWith("./") ? join(home, word) : word));
  return await runCli(["init", "--relay", "https://relay.test", "--name", "Ada", ...words], {
    home,
    client,
    door,
    ...(answers === undefined ? {} : { answers, stdinTty: true, stdoutTty: true }),
  });
}

describe("init without a person", () => {
  test("makes a vault without a secret, and says so on stderr alone", async () => {
    const door = FakeDoor.absent();
    const { exitCode, err, host } = await begin({ door, options: ["--json"] });
    expect(exitCode).toBe(0);
    expect(door.calls).toEqual([["create", { mode: "none", relayUrl: "https://relay.test" }]]);
    expect(err.trim().split("\n")).toHaveLength(1);
    expect(err).toContain("Whoever holds this disk can read this profile");
    expect(host.lines()).toMatchObject([{ type: "account", name: "Ada" }]);
  });

  test.each([
    ["482913\n", { mode: "pin", pin: "482913", kind: "destroy" }],
    [`${WORDS}\n`, { mode: "passphrase", passphrase: WORDS }],
  ])("makes a vault with the secret of a file", async (secret, vault) => {
    const door = FakeDoor.absent();
    const { exitCode, err } = await begin({ door, options: ["--secret-file", "./secret"], files: { secret } });
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
    expect(door.calls).toEqual([["create", { ...vault, relayUrl: "https://relay.test" }]]);
  });

  test.each(["12345", "1234567", "48291a", "five words are too few", "123456"])(
    "refuses the secret %j before anything is made",
    async (secret) => {
      const door = FakeDoor.absent();
      const { exitCode } = await begin({ door, options: ["--secret-file", "./secret"], files: { secret } });
      expect(exitCode).toBe(1);
      expect(door.calls).toEqual([]);
    },
  );

  test("sets a duress PIN, and makes a vault that can hide another", async () => {
    const files = { secret: "482913", duress: "604172" };
    const duress = FakeDoor.absent();
    await begin({ door: duress, files, options: ["--secret-file", "./secret", "--duress-file", "./duress"] });
    expect(duress.calls).toContainEqual(["setDuressPin", "604172"]);
    const conceal = FakeDoor.absent();
    await begin({ door: conceal, files, options: ["--secret-file", "./secret", "--conceal"] });
    expect(conceal.calls).toContainEqual([
      "create",
      { mode: "pin", pin: "482913", kind: "conceal", relayUrl: "https://relay.test" },
    ]);
  });

  test.each([
    [["--no-secret", "--secret-file", "./words"]],
    [["--no-secret", "--conceal"]],
    [["--conceal"]],
    [["--secret-file", "./words", "--duress-file", "./duress"]],
    [["--secret-file", "-", "--duress-file", "-"]],
  ])("%j contradict each other", async (options) => {
    const door = FakeDoor.absent();
    const { exitCode } = await begin({ door, options, files: { words: WORDS, duress: "604172" } });
    expect(exitCode).toBe(2);
    expect(door.calls).toEqual([]);
  });

  test("says why a PIN is not for a relay without guards", async () => {
    const door = Object.assign(FakeDoor.absent(), { refusal: new ClientError("no-guards") });
    const { exitCode, err } = await begin({
      door,
      options: ["--secret-file", "./secret"],
      files: { secret: "482913" },
    });
    expect(exitCode).toBe(1);
    expect(err).toContain("a short PIN without guards can be guessed");
  });

  test("destroys the vault that it made when the account cannot be made", async () => {
    const door = FakeDoor.absent();
    const { exitCode } = await begin({ door, refusal: "not-admitted" });
    expect(exitCode).toBe(1);
    expect(door.calls.at(-1)).toEqual(["wipe"]);
    expect(door.opened.every(({ closed }) => closed)).toBe(true);
  });

  test("goes on where an earlier one was cut off before the account", async () => {
    const door = FakeDoor.locked("passphrase", WORDS);
    const { exitCode } = await begin({ door, options: ["--secret-file", "./secret"], files: { secret: WORDS } });
    expect(exitCode).toBe(0);
    expect(door.calls).toEqual([["unlock", WORDS]]);
  });
});

describe("init at a terminal", () => {
  test("takes the proposed PIN when it is typed twice, and shows what is typed to nobody", async () => {
    const door = FakeDoor.absent();
    const { exitCode, host, err } = await begin({ door, answers: ["1", "", "482913", "482913"] });
    expect(exitCode).toBe(0);
    expect(door.calls[0]).toMatchObject(["create", { mode: "pin", pin: "482913" }]);
    expect(host.hiddenQuestions).toEqual(["New PIN: ", "Once more: "]);
    expect(host.fleetingQuestions.join()).toContain("482913");
    expect(err).not.toContain("482913");
    expect(err).toContain("15 guesses");
  });

  test("offers another proposal, and takes an own PIN that is good", async () => {
    const door = FakeDoor.absent();
    const answers = ["", "r", "o", "123456", "o", "604172", "604171", "o", "604172", "604172"];
    const { exitCode, err } = await begin({ door, answers });
    expect(exitCode).toBe(0);
    expect(door.calls[0]).toMatchObject(["create", { pin: "604172" }]);
    expect(err).toContain("among the first");
    expect(err).toContain("not the same");
  });

  test("does not take something else for the proposal", async () => {
    const door = FakeDoor.absent();
    const answers = ["2", "", "golf hotel india juliett kilo lima", "", WORDS, WORDS];
    const { err } = await begin({ door, answers });
    expect(err).toContain("not what was proposed");
    expect(door.calls[0]).toMatchObject(["create", { mode: "passphrase", passphrase: WORDS }]);
  });

  test("proposes a passphrase, and says why, where the relay has no guards", async () => {
    const door = Object.assign(FakeDoor.absent(), { offered: undefined });
    const { err } = await begin({ door, answers: ["", WORDS, WORDS] });
    expect(err).toContain("names no guards");
    expect(door.calls[0]).toMatchObject(["create", { mode: "passphrase" }]);
  });

  test("asks nothing with --no-secret", async () => {
    const door = FakeDoor.absent();
    const { host } = await begin({ door, options: ["--no-secret"], answers: [] });
    expect(host.questions).toEqual([]);
    expect(door.calls[0]).toMatchObject(["create", { mode: "none" }]);
  });

  test.each([[[]], [["1"]], [["1", ""]], [["1", "", "482913"]]])(
    "makes nothing when the person goes away after %j",
    async (answers) => {
      const door = FakeDoor.absent();
      expect((await begin({ door, answers })).exitCode).toBe(1);
      expect(door.calls).toEqual([]);
    },
  );
});
