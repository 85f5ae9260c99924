import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { ClientError } from "@stonechat/core";
import { describe, expect, test } from "vitest";
import { profilePaths } from "../profile/profile-folder.ts";
import { tryLock } from "../profile/profile-lock.ts";
import { run } from "../run.ts";
import { FakeClient } from "../testing/fake-client.ts";
import { FakeDoor, PIN_VIEW } from "../testing/fake-door.ts";
import { FakeHost } from "../testing/fake-host.ts";
import { runCli } from "../testing/run-cli.ts";
import { temporaryHomes } from "../testing/temporary-home.ts";

const PIN = "482913";
const newHome = temporaryHomes();

/** Time passes here, because sockets need it. */
class PatientHost extends FakeHost {
  override async delay(ms: number, signal?: AbortSignal): Promise<void> {
    await pause(Math.min(ms, 5), undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
    this.advance(ms);
  }
}

/** A `listen` that was given the PIN and has the profile open. */
async function listening(
  home: string,
): Promise<{ readonly client: FakeClient; readonly host: FakeHost; readonly ended: Promise<number> }> {
  const client = new FakeClient();
  const host = new FakeHost({ home, client, door: FakeDoor.locked("pin", PIN), stdin: PIN, manualTime: true });
  const ended = run(["--home", home, "listen", "--secret-file", "-"], host);
  while (!client.started) await pause(5);
  return { client, host, ended };
}

async function runPatiently(
  home: string,
  argv: readonly string[],
  door: FakeDoor,
): Promise<PatientHost & { readonly exitCode: number }> {
  const host = new PatientHost({ home, door });
  const exitCode = await run(["--home", home, ...argv], host);
  return Object.assign(host, { exitCode });
}

describe("lock", () => {
  test("burns, closes the vault, and ends the command that had it open with 3", async () => {
    const home = await newHome();
    const { client, host, ended } = await listening(home);
    const locking = await runPatiently(home, ["lock", "--json"], FakeDoor.locked("pin", PIN));
    expect(locking.exitCode).toBe(0);
    expect(locking.lines()).toEqual([{ type: "done", command: "lock" }]);
    expect(client.called("burn")).toEqual([]);
    expect(client.closed).toBe(true);
    expect(await ended).toBe(3);
    expect(host.err).toContain("The profile is locked");
    expect((await runCli(["devices"], { home, door: FakeDoor.locked("pin", PIN) })).exitCode).toBe(3);
  });

  test("ends the commands that use another process's vault, and they do not open it again", async () => {
    const home = await newHome();
    const { ended } = await listening(home);
    const door = FakeDoor.locked("pin", PIN);
    const guest = new PatientHost({ home, client: new FakeClient(), door, stdin: PIN });
    const guestEnded = run(["--home", home, "listen", "--secret-file", "-"], guest);
    await pause(50);
    await runPatiently(home, ["lock"], FakeDoor.locked("pin", PIN));
    expect([await ended, await guestEnded]).toEqual([3, 3]);
    expect(door.calls).toEqual([]);
  });

  test("says so when it was locked already, and that a profile without a secret cannot be", async () => {
    const home = await newHome();
    expect((await runCli(["lock"], { home, door: FakeDoor.locked("pin", PIN) })).exitCode).toBe(0);
    const open = await runCli(["lock"], { home });
    expect(open.exitCode).toBe(1);
    expect(open.err).toContain("no secret");
    expect((await runCli(["lock"], { home, door: FakeDoor.absent() })).exitCode).toBe(1);
  });
});

describe("wipe", () => {
  test("asks at a terminal, and destroys nothing for another answer", async () => {
    for (const answer of ["yes", "", undefined]) {
      const door = FakeDoor.locked("pin", PIN);
      const settings = { stdinTty: true, stdoutTty: true, answers: answer === undefined ? [] : [answer], door };
      expect((await runCli(["wipe"], { home: await newHome(), ...settings })).exitCode).toBe(1);
      expect(door.calls).toEqual([]);
    }
    const door = FakeDoor.locked("pin", PIN);
    const settings = { stdinTty: true, stdoutTty: true, answers: ["wipe"], door };
    expect((await runCli(["wipe"], { home: await newHome(), ...settings })).exitCode).toBe(0);
    expect(door.calls).toEqual([["wipe"]]);
  });

  test("wants --yes where nobody can be asked", async () => {
    const door = FakeDoor.locked("pin", PIN);
    expect((await runCli(["wipe"], { home: await newHome(), door })).exitCode).toBe(2);
    expect(door.calls).toEqual([]);
  });

  test("needs no secret, and leaves nothing in the folder, which goes too", async () => {
    const home = join(await newHome(), "profile");
    await mkdir(join(home, "downloads"), { recursive: true, mode: 0o700 });
    await writeFile(join(home, "downloads", "letter.txt"), "secret");
    await writeFile(join(home, "store"), "secret");
    const door = FakeDoor.locked("pin", PIN);
    const { host, exitCode } = await runCli(["wipe", "--yes", "--json"], { home, door });
    expect(exitCode).toBe(0);
    expect(host.lines()).toEqual([{ type: "done", command: "wipe", guards: 3, guardsReached: 3 }]);
    expect(existsSync(home)).toBe(false);
    expect((await runCli(["wipe", "--yes"], { home, door: FakeDoor.absent() })).exitCode).toBe(0);
  });

  test("ends the process that has the vault open first, without a burn", async () => {
    const home = await newHome();
    const { client, ended } = await listening(home);
    const door = FakeDoor.locked("pin", PIN);
    expect((await runPatiently(home, ["wipe", "--yes"], door)).exitCode).toBe(0);
    expect(await ended).toBe(3);
    expect(client.called("burn")).toBeUndefined();
    expect(client.closed).toBe(true);
    expect(door.calls).toEqual([["wipe"]]);
  });

  test("goes on though another process has the vault and says nothing", async () => {
    const home = await newHome();
    const lock = tryLock(profilePaths(new FakeHost({ home }), home).lock);
    const door = FakeDoor.locked("pin", PIN);
    const { exitCode } = await runCli(["wipe", "--yes"], { home, door });
    lock?.release();
    expect(exitCode).toBe(0);
    expect(door.calls).toEqual([["wipe"]]);
  });

  test("tells when some guards did not hear of it", async () => {
    const door = Object.assign(FakeDoor.locked("pin", PIN), { reachable: false });
    const { err, exitCode } = await runCli(["wipe", "--yes"], { home: await newHome(), door });
    expect(exitCode).toBe(0);
    expect(err).toContain("1 of 3 guards heard of it");
  });
});

describe("burn", () => {
  test.each([
    ["burned", 0],
    ["deleted", 0],
    ["unreachable", 4],
  ] as const)("that is %s ends with %d", async (outcome, code) => {
    const client = Object.assign(new FakeClient(), { burnOutcome: outcome });
    const { host, exitCode } = await runCli(["burn", "--json"], { home: await newHome(), client });
    expect(exitCode).toBe(code);
    expect(host.lines()).toEqual([{ type: "done", command: "burn", state: outcome }]);
  });
});

describe("vault", () => {
  test("shows what everybody can see while it is locked, and asks for nothing", async () => {
    const settings = { stdinTty: true, stdoutTty: true, door: FakeDoor.locked("pin", PIN) };
    const { out, exitCode, host } = await runCli(["vault"], { home: await newHome(), ...settings });
    expect({ exitCode, questions: host.questions }).toEqual({ exitCode: 0, questions: [] });
    expect(out).toContain("2 of 3 guards");
    expect(out).not.toContain("duress");
  });

  test("shows more of an open one", async () => {
    const client = Object.assign(new FakeClient(), { vaultView: { ...PIN_VIEW, duressPin: true } });
    const settings = { client, door: FakeDoor.locked("pin", PIN), stdin: PIN };
    const { host } = await runCli(["vault", "--json", "--secret-file", "-"], { home: await newHome(), ...settings });
    expect(host.lines()).toMatchObject([{ state: "open", kind: "destroy", duressPin: true, guardsReached: 3 }]);
  });

  test.each([["absent"], ["damaged"]] as const)("that is %s is told", async (state) => {
    const door = Object.assign(new FakeDoor(), { state });
    const { host } = await runCli(["vault", "--json"], { home: await newHome(), door });
    expect(host.lines()).toEqual([{ type: "vault", state }]);
  });
});

describe("secrets of an open vault", () => {
  function open(more: Partial<typeof PIN_VIEW> = {}): { readonly client: FakeClient; readonly door: FakeDoor } {
    const client = Object.assign(new FakeClient(), { vaultView: { ...PIN_VIEW, ...more } });
    return { client, door: FakeDoor.locked("pin", PIN) };
  }

  test("the PIN is changed with the one that opened it, asked for once", async () => {
    const { client, door } = open();
    const answers = [PIN, "o", "604172", "604172"];
    const settings = { home: await newHome(), client, door, stdinTty: true, stdoutTty: true, answers };
    const { exitCode, host } = await runCli(["vault", "change-secret"], settings);
    expect(exitCode).toBe(0);
    expect(client.called("changeSecret")).toEqual([{ current: PIN, next: "604172" }]);
    expect(host.hiddenQuestions).toEqual(["PIN: ", "New PIN: ", "Once more: "]);
  });

  test("new ones come from files too, and bad ones are refused before anything is asked of the guards", async () => {
    const home = await newHome();
    await writeFile(join(home, "old"), PIN, { mode: 0o600 });
    for (const [secret, code] of [
      ["604172", 0],
      ["123456", 1],
    ] as const) {
      await writeFile(join(home, "new"), secret, { mode: 0o600 });
      for (const [words, option, method] of [
        ["change-secret", "new-secret-file", "changeSecret"],
        ["duress", "duress-file", "setDuressPin"],
        ["hidden", "new-secret-file", "addHiddenVault"],
      ] as const) {
        const { client, door } = open();
        const argv = ["vault", words, `--${option}`, join(home, "new"), "--secret-file", join(home, "old")];
        expect((await runCli(argv, { home, client, door })).exitCode).toBe(code);
        expect(client.called(method) !== undefined).toBe(code === 0);
      }
    }
  });

  test("the duress PIN is taken away with --off", async () => {
    const { client, door } = open({ duressPin: true });
    const argv = ["vault", "duress", "--off", "--secret-file", "-"];
    expect((await runCli(argv, { home: await newHome(), client, door, stdin: PIN })).exitCode).toBe(0);
    expect(client.called("setDuressPin")).toEqual([undefined]);
  });

  test("the current PIN is asked for although another process has the vault open", async () => {
    const home = await newHome();
    const { client, host, ended } = await listening(home);
    client.vaultView = PIN_VIEW;
    await writeFile(join(home, "new"), "604172", { mode: 0o600 });
    const argv = ["vault", "change-secret", "--new-secret-file", join(home, "new")];
    expect((await runCli(argv, { home })).exitCode).toBe(3);
    expect((await runCli([...argv, "--secret-file", "-"], { home, stdin: PIN })).exitCode).toBe(0);
    expect(client.called("changeSecret")).toEqual([{ current: PIN, next: "604172" }]);
    host.interrupt();
    await ended;
  });

  test("there are none to change in a profile without one", async () => {
    const { client } = open({ mode: "none" });
    for (const words of ["change-secret", "duress", "hidden"])
      expect((await runCli(["vault", words], { home: await newHome(), client, door: new FakeDoor() })).exitCode).toBe(
        1,
      );
  });
});

describe("a rehearsal", () => {
  const tty = { stdinTty: true, stdoutTty: true };
  const argv = ["vault", "rehearse", "--relay", "https://relay.test"];

  test("shows what each PIN does, on a vault of its own that is wiped in the end", async () => {
    const answers = ["482913", "111111", "739104", "482913", ""];
    const { host, out, exitCode } = await runCli(argv, { home: await newHome(), ...tty, answers });
    expect(exitCode).toBe(0);
    expect(host.hiddenQuestions).toEqual(Array.from(answers, () => "PIN: "));
    const said = ["The real vault opened", "opened nothing", "The decoy opened", "opened nothing", "is destroyed."];
    const places = said.reduce<number[]>((found, text) => [...found, out.indexOf(text, (found.at(-1) ?? -1) + 1)], []);
    expect(places.every((place) => place >= 0)).toBe(true);
    expect(host.door.calls).toEqual([]);
    expect(host.rehearsal.calls.at(-1)).toEqual(["wipe"]);
    expect(host.rehearsal.opened.every(({ closed }) => closed)).toBe(true);
  });

  test("is wiped too when the guards refuse, and needs guards and a person", async () => {
    const refusing = new FakeHost({ home: await newHome(), ...tty });
    refusing.rehearsal.refusal = new ClientError("guards-refused");
    expect(await run(argv, refusing)).toBe(1);
    expect(refusing.rehearsal.calls.at(-1)).toEqual(["wipe"]);
    const without = new FakeHost({ home: await newHome(), ...tty });
    without.rehearsal.offered = undefined;
    expect(await run(argv, without)).toBe(1);
    expect(without.rehearsal.calls).toEqual([]);
    expect((await runCli(argv, { home: await newHome() })).exitCode).toBe(2);
  });

  test("without --relay goes to the guards of the account's relay", async () => {
    const client = new FakeClient();
    const { host } = await runCli(["vault", "rehearse"], { home: await newHome(), client, ...tty, answers: [""] });
    const relayUrl = (await client.account())?.relayUrl;
    expect(host.rehearsal.calls[0]).toMatchObject(["create", { relayUrl }]);
  });
});

test("a device that was removed is told so by every command, which still shows what is there", async () => {
  const client = new FakeClient();
  const account = await client.account();
  if (account === undefined) throw new Error("no account");
  client.account = async () => ({ ...account, removed: true });
  const { host, err, exitCode } = await runCli(["contacts", "--offline", "--json"], { home: await newHome(), client });
  expect(exitCode).toBe(0);
  expect(host.lines()).toEqual([{ type: "alarm", alarm: "device-removed" }]);
  expect(err).toContain("nothing can be sent");
});
