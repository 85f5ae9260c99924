import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FakeClient } from "../testing/fake-client.ts";
import { FakeDoor } from "../testing/fake-door.ts";
import { runCli } from "../testing/run-cli.ts";
import { temporaryHomes } from "../testing/temporary-home.ts";

const newHome = temporaryHomes();
const AT_TERMINAL = { stdinTty: true, stdoutTty: true } as const;

describe("the recovery kit", () => {
  test("is shown with every word, its number and its code", async () => {
    const client = new FakeClient();
    const { words } = await client.recoveryKit();
    const { out } = await runCli(["backup", "kit"], { home: await newHome(), client, stdoutTty: true });
    for (const [at, word] of words.entries()) expect(out).toMatch(new RegExp(`\\b${String(at + 1)} ${word}\\b`));
    expect(out).toContain("█");
    expect(client.started).toBe(true);
  });

  test("is one object with --json", async () => {
    const { host } = await runCli(["backup", "kit", "--json"], { home: await newHome(), client: new FakeClient() });
    expect(host.lines()).toMatchObject([{ type: "recovery-kit", words: expect.any(Array) as unknown }]);
  });

  test("is revoked at the relay", async () => {
    const client = new FakeClient();
    expect((await runCli(["backup", "revoke-kit"], { home: await newHome(), client })).exitCode).toBe(0);
    expect(client.called("revokeRecoveryKit")).toEqual([]);
  });

  test("brings an account back into a new vault, from a file", async () => {
    const home = await newHome();
    await writeFile(join(home, "kit"), "alpha bravo\n", { mode: 0o600 });
    const client = new FakeClient();
    client.accountView = undefined;
    const door = FakeDoor.absent();
    const argv = ["backup", "restore-kit", "--relay", "https://relay.test", "--kit-file", join(home, "kit"), "--json"];
    const { exitCode, host } = await runCli(argv, { home, client, door });
    expect(exitCode).toBe(0);
    expect(client.called("restoreFromKit")?.[0]).toMatchObject({ kit: "alpha bravo", relayUrl: "https://relay.test" });
    expect(door.calls[0]).toMatchObject(["create", { mode: "none" }]);
    expect(host.lines()).toMatchObject([{ type: "restored", file: expect.any(String) as unknown }]);
  });

  test("leaves no vault behind when its words are wrong", async () => {
    const client = new FakeClient();
    client.accountView = undefined;
    client.refusals = { restoreFromKit: "bad-kit" };
    const door = FakeDoor.absent();
    const argv = ["backup", "restore-kit", "--relay", "https://relay.test", "--kit-file", "-"];
    expect((await runCli(argv, { home: await newHome(), client, door, stdin: "x" })).exitCode).toBe(1);
    expect(door.calls.at(-1)).toEqual(["wipe"]);
  });

  test("wants a file where nobody can be asked", async () => {
    const argv = ["backup", "restore-kit", "--relay", "https://relay.test"];
    expect((await runCli(argv, { home: await newHome(), door: FakeDoor.absent() })).exitCode).toBe(2);
  });
});

describe("travel", () => {
  test("takes the vault off this device once the last word of the code was typed", async () => {
    const client = new FakeClient();
    const { words } = await client.prepareTravel();
    const door = new FakeDoor();
    const settings = { home: join(await newHome(), "profile"), client, door, ...AT_TERMINAL };
    await runCli(["init", "--relay", "https://r", "--no-secret"], { ...settings, door: FakeDoor.absent() });
    client.closed = false;
    const { exitCode, out } = await runCli(["backup", "travel"], { ...settings, answers: [words.at(-1) ?? ""] });
    expect(exitCode).toBe(0);
    for (const word of words) expect(out).toContain(word);
    expect(door.calls).toContainEqual(["forget"]);
    expect(existsSync(settings.home)).toBe(false);
  });

  test("keeps the vault here when the code was not typed", async () => {
    const door = new FakeDoor();
    const settings = { home: await newHome(), client: new FakeClient(), door, ...AT_TERMINAL, answers: ["nonsense"] };
    const { exitCode, err } = await runCli(["backup", "travel"], settings);
    expect(exitCode).toBe(1);
    expect(err).toContain("Nothing was removed here");
    expect(door.calls).not.toContainEqual(["forget"]);
  });

  test("keeps the vault here when the relay did not take it", async () => {
    const client = new FakeClient();
    client.refusals = { prepareTravel: "storage-full" };
    const door = new FakeDoor();
    expect((await runCli(["backup", "travel", "--yes"], { home: await newHome(), client, door })).exitCode).toBe(1);
    expect(door.calls).not.toContainEqual(["forget"]);
  });

  test("wants --yes where nobody can be asked, before anything is uploaded", async () => {
    const client = new FakeClient();
    expect((await runCli(["backup", "travel"], { home: await newHome(), client })).exitCode).toBe(2);
    expect(client.called("prepareTravel")).toBeUndefined();
  });

  test("brings the vault back into an empty folder", async () => {
    const home = join(await newHome(), "profile");
    const door = FakeDoor.absent();
    const argv = ["backup", "restore-travel", "--relay", "https://relay.test", "--travel-file", "-"];
    const { exitCode, out } = await runCli(argv, { home, door, stdin: "twelve words\n" });
    expect(exitCode).toBe(0);
    expect(door.calls).toContainEqual(["importFrom", "twelve words".length]);
    expect(out).toContain("stonechat unlock");
  });
});
