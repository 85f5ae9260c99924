import { setImmediate } from "node:timers/promises";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ClientError } from "@stonechat/core";
import { describe, expect, test } from "vitest";
import { run } from "../run.ts";
import { FakeClient } from "../testing/fake-client.ts";
import { FakeDoor, PIN_VIEW } from "../testing/fake-door.ts";
import { FakeHost, type FakeHostSettings } from "../testing/fake-host.ts";
import { runCli } from "../testing/run-cli.ts";
import { temporaryHomes } from "../testing/temporary-home.ts";
import { untilDue } from "./hold-open.ts";

const PIN = "482913";
const MINUTE = 60_000;
const NEVER = new Promise<never>(() => {
  // Never settles.
});
const newHome = temporaryHomes();

/** A process that holds the profile open, and how it ends. */
async function holding(
  words: readonly string[],
  settings: Partial<FakeHostSettings> = {},
): Promise<{
  readonly home: string;
  readonly host: FakeHost;
  readonly client: FakeClient;
  readonly ended: Promise<number>;
}> {
  const home = await newHome();
  const client = new FakeClient();
  const door = FakeDoor.locked("pin", PIN);
  const host = new FakeHost({ home, client, door, stdin: PIN, manualTime: true, ...settings });
  const ended = run(["--home", home, ...words, "--foreground", "--json", "--secret-file", "-"], host);
  while (!host.out.includes("unlocked") && host.err === "") await setImmediate();
  return { home, host, client, ended };
}

describe("unlock --foreground", () => {
  test("opens the vault, says until when, and locks when the time is over", async () => {
    const { host, client, ended } = await holding(["unlock", "--for", "1m"]);
    expect(host.lines()).toEqual([{ type: "unlocked", until: new Date(host.now() + MINUTE).toISOString() }]);
    for (let seconds = 0; seconds < 60; seconds += 5) {
      expect(client.closed).toBe(false);
      host.advance(5_000);
      for (let turn = 0; turn < 5; turn += 1) await setImmediate();
    }
    expect(await ended).toBe(0);
    expect(client.called("burn")).toEqual([]);
    expect(client.closed).toBe(true);
    expect(host.door.opened.every(({ closed }) => closed)).toBe(true);
  });

  test("locks in order on a signal", async () => {
    const { host, client, ended } = await holding(["unlock"]);
    expect(host.lines()).toEqual([{ type: "unlocked", until: null }]);
    host.interrupt();
    expect(await ended).toBe(0);
    expect(client.closed).toBe(true);
  });

  test("locks within its patience when the burn hangs", async () => {
    const { host, client, ended } = await holding(["unlock"]);
    client.burn = () => NEVER;
    host.interrupt();
    while (!client.closed) {
      host.advance(1_000);
      await setImmediate();
    }
    expect(await ended).toBe(0);
  });

  test("serves other commands, whose core it is", async () => {
    const { home, host, client, ended } = await holding(["unlock"]);
    client.vaultView = PIN_VIEW;
    expect((await runCli(["devices"], { home, door: FakeDoor.locked("pin", PIN) })).exitCode).toBe(0);
    const vault = await runCli(["vault", "--json"], { home });
    expect(vault.host.lines()).toMatchObject([{ type: "vault", state: "open", mode: "pin" }]);
    expect(client.closed).toBe(false);
    host.interrupt();
    await ended;
  });

  test("is refused for a vault that another process has open", async () => {
    const { home, host, ended } = await holding(["unlock"]);
    const second = await runCli(["unlock", "--foreground", "--secret-file", "-"], { home, stdin: PIN });
    expect(second.exitCode).toBe(1);
    expect(second.err).toContain("stonechat lock");
    host.interrupt();
    await ended;
  });

  test("opens nothing with a wrong secret, and ends with 1", async () => {
    const { ended, host } = await holding(["unlock"], { stdin: "111111" });
    expect(await ended).toBe(1);
    expect(host.err).toBe("stonechat: That opened nothing.\n");
  });
});

describe("the time that a vault stays open", () => {
  async function due(
    forMs: number | undefined,
    pass: (host: FakeHost) => void,
    rounds: number,
  ): Promise<{ readonly over: boolean; readonly host: FakeHost }> {
    const host = new FakeHost({ home: "/", manualTime: true });
    const state = { over: false, host };
    const waiting = untilDue(host, NEVER, forMs).then(() => {
      state.over = true;
    });
    for (let round = 0; round < rounds && !state.over; round += 1) {
      pass(host);
      for (let turn = 0; turn < 3; turn += 1) await setImmediate();
    }
    const { over } = state;
    host.interrupt();
    await waiting;
    return { over, host };
  }

  test("is not longer than asked", async () => {
    const tick = (host: FakeHost): void => {
      host.advance(5_000);
    };
    expect((await due(MINUTE, tick, 11)).over).toBe(false);
    expect((await due(MINUTE, tick, 12)).over).toBe(true);
    expect((await due(undefined, tick, 5_000)).over).toBe(false);
  });

  test("ends when the machine slept, at the first moment that it is awake", async () => {
    const { over } = await due(
      60 * MINUTE,
      (host) => {
        host.sleep(MINUTE);
        host.advance(5_000);
      },
      1,
    );
    expect(over).toBe(true);
  });

  test("is no longer for a clock that is set back", async () => {
    const setBack = (host: FakeHost): void => {
      host.advance(5_000);
      host.setClock(host.now() - 60 * MINUTE);
    };
    expect((await due(MINUTE, setBack, 12)).over).toBe(true);
  });
});

describe("unlock in the background", () => {
  const READY = { type: "ready", lines: ['{"type":"unlocked","until":"2026-11-22T12:30:00.000Z"}'] } as const;

  test("starts a process that gets the secret on standard input, and never as an argument", async () => {
    const home = await newHome();
    const secret = join(home, "secret");
    await writeFile(secret, PIN, { mode: 0o600 });
    const { host, exitCode } = await runCli(["unlock", "--for", "90s", "--json", "--secret-file", secret], {
      home,
      door: FakeDoor.locked("pin", PIN),
      background: READY,
    });
    expect(exitCode).toBe(0);
    expect(host.started).toEqual([
      {
        argv: ["unlock", "--foreground", "--json", "--for", "90s", "--home", home, "--secret-file", "-"],
        stdin: PIN,
      },
    ]);
    expect(host.lines()).toEqual([{ type: "unlocked", until: "2026-11-22T12:30:00.000Z" }]);
  });

  test("asks at a terminal, and says until when it is open", async () => {
    const { host, out, exitCode } = await runCli(["unlock"], {
      home: await newHome(),
      door: FakeDoor.locked("pin", PIN),
      background: READY,
      stdinTty: true,
      stdoutTty: true,
      answers: [PIN],
    });
    expect(exitCode).toBe(0);
    expect(host.started[0]?.stdin).toBe(PIN);
    expect(out).toContain("stonechat lock");
  });

  test.each([1, 3])("ends as the other process ended (%d)", async (code) => {
    const { exitCode } = await runCli(["unlock", "--secret-file", "-"], {
      home: await newHome(),
      door: FakeDoor.locked("pin", PIN),
      stdin: PIN,
      background: { type: "ended", exitCode: code, lines: [] },
    });
    expect(exitCode).toBe(code);
  });

  test("without a secret or a terminal it is 3, and nothing is started", async () => {
    const { host, exitCode } = await runCli(["unlock"], { home: await newHome(), door: FakeDoor.locked("pin", PIN) });
    expect(exitCode).toBe(3);
    expect(host.started).toEqual([]);
  });

  test("is refused for a profile that has no secret", async () => {
    const { err, exitCode } = await runCli(["unlock"], { home: await newHome() });
    expect(exitCode).toBe(1);
    expect(err).toContain("no secret");
  });

  test("is done already while a process holds it, with its time", async () => {
    const { home, host, ended } = await holding(["unlock", "--for", "1h"]);
    const again = await runCli(["unlock", "--json"], { home });
    expect(again.exitCode).toBe(0);
    expect(again.host.lines()).toEqual(host.lines());
    expect(again.host.started).toEqual([]);
    host.interrupt();
    await ended;
  });
});

describe("vault fill-decoy", () => {
  test("opens the decoy from the real vault", async () => {
    const { host, ended } = await holding(["vault", "fill-decoy"]);
    expect(host.door.opened.map(({ visiting, closed }) => ({ visiting, closed }))).toEqual([
      { visiting: false, closed: true },
      { visiting: true, closed: false },
    ]);
    host.interrupt();
    expect(await ended).toBe(0);
  });

  test("closes the vault that has no decoy", async () => {
    const door = FakeDoor.locked("pin", PIN);
    door.noDecoy = new ClientError("not-possible");
    const { host, ended } = await holding(["vault", "fill-decoy"], { door });
    expect(await ended).toBe(1);
    expect(host.err).toContain("cannot do that");
    expect(door.opened.map(({ closed }) => closed)).toEqual([true]);
  });
});
