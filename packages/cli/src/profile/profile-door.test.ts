import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { stat } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { ClientError, type Client } from "@stonechat/core";
import { CliFailure } from "../failure.ts";
import { run } from "../run.ts";
import { contactOf, conversationOf, FakeClient, idOf, messageOf } from "../testing/fake-client.ts";
import { FakeHost } from "../testing/fake-host.ts";
import { runCli } from "../testing/run-cli.ts";
import { temporaryHomes } from "../testing/temporary-home.ts";
import { sharedMethods } from "./client-methods.ts";
import { encodeFrame, FrameReader } from "./frames.ts";
import { createProfileDoor, type Entry, type ProfileDoor } from "./profile-door.ts";
import { profilePaths } from "./profile-folder.ts";
import { tryLock } from "./profile-lock.ts";

const newHome = temporaryHomes();

/** Time passes here, because sockets need it. */
class PatientHost extends FakeHost {
  override async delay(ms: number, signal?: AbortSignal): Promise<void> {
    await pause(Math.min(ms, 5), undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
    this.advance(ms);
  }
}

function door(home: string, client?: Client): { readonly host: PatientHost; readonly door: ProfileDoor } {
  const host = new PatientHost({ home, ...(client === undefined ? {} : { client }) });
  return { host, door: createProfileDoor(host, profilePaths(host, home), OPEN) };
}

/** Enters a vault that has no secret. */
const OPEN: Entry = {
  async enter(vaultDoor) {
    const { vault } = await vaultDoor.unlock("");
    if (vault === undefined) throw new Error("it has a secret");
    return vault;
  },
  provide: () => Promise.reject(new Error("nobody asks here")),
  tell: async () => undefined,
  tellPutBack: async () => undefined,
};

describe("two processes on one profile", () => {
  test("the second calls the core of the first, and hears its events", async () => {
    const home = await newHome();
    const core = new FakeClient();
    core.contactViews = [contactOf("1", "Bea")];
    const holder = door(home, core);
    await holder.door.open();
    const guest = door(home);
    const client = await guest.door.open();
    expect((await client.contacts()).map(({ name }) => name)).toEqual(["Bea"]);
    const heard = new Promise((resolve) => {
      client.onEvent(resolve);
    });
    core.emit({ type: "message", message: messageOf("1", "hi", { attachments: [] }), conversationName: "Bea" });
    expect(await heard).toMatchObject({ type: "message", message: { body: { text: "hi" } } });
    await guest.door.close();
    expect(core.closed).toBe(false);
    await holder.door.close();
    expect(core.closed).toBe(true);
  });

  test("a refusal of the core arrives as a refusal of the core", async () => {
    const home = await newHome();
    const core = new FakeClient();
    core.refusals = { send: "blocked" };
    const holder = door(home, core);
    await holder.door.open();
    const guest = door(home);
    const client = await guest.door.open();
    await expect(client.send(idOf("c1"), { text: "x" })).rejects.toEqual(new ClientError("blocked"));
    await guest.door.close();
    await holder.door.close();
  });

  test("send works while listen runs, and listen hears what arrives", async () => {
    const home = await newHome();
    const core = new FakeClient();
    core.conversationViews = [conversationOf("1", "Bea")];
    const host = new PatientHost({ home, client: core });
    const listening = run(["--home", home, "listen", "--json", "--count", "1"], host);
    while (!core.started) await pause(5);
    const sent = await runCli(["send", "Bea", "hi", "--json"], { home });
    expect(sent.exitCode).toBe(0);
    expect(sent.host.lines()).toMatchObject([{ type: "sent", state: "sent" }]);
    core.emit({ type: "message", message: messageOf("1", "back"), conversationName: "Bea" });
    expect(await listening).toBe(0);
    expect(host.lines()).toMatchObject([{ text: "back" }]);
  });

  test("when the holder ends, the other takes the core over and goes online if it was", async () => {
    const home = await newHome();
    const first = new FakeClient();
    const second = new FakeClient();
    const holder = door(home, first);
    await holder.door.open();
    const guest = door(home, second);
    const client = await guest.door.open();
    const heard: string[] = [];
    client.onEvent(({ type }) => heard.push(type));
    await client.start();
    expect(first.started).toBe(true);
    await holder.door.close();
    while (!second.started) await pause(5);
    second.emit({ type: "contacts-changed" });
    expect(heard).toEqual(["contacts-changed"]);
    await guest.door.close();
    expect(second.closed).toBe(true);
  });

  test("a call that was begun is answered before the holder closes", async () => {
    const home = await newHome();
    const core = new FakeClient();
    let finish: (value: boolean) => void = () => undefined;
    core.settle = () =>
      new Promise((resolve) => {
        finish = resolve;
      });
    const holder = door(home, core);
    await holder.door.open();
    const guest = door(home, new FakeClient());
    const client = await guest.door.open();
    const settled = client.settle(1);
    await client.account();
    const closed = holder.door.close();
    finish(true);
    expect(await settled).toBe(true);
    await closed;
    await guest.door.close();
  });

  test("a change whose holder is cut off in the middle is told, not repeated", async () => {
    const home = await newHome();
    const server = spawnHolder(
      home,
      `
      const { tryLock } = await import(${JSON.stringify(new URL("./profile-lock.ts", import.meta.url).href)});
      globalThis.lock = tryLock(process.argv[1] + "/profile.lock");
      const { encodeFrame, FrameReader } = await import(${JSON.stringify(new URL("./frames.ts", import.meta.url).href)});
      (await import("node:net")).createServer((socket) => {
        const reader = new FrameReader();
        socket.write(encodeFrame({ type: "hello", version: 3, holder: { pid: process.pid, until: null, busy: true } }));
        socket.on("data", (bytes) => {
          for (const call of reader.push(bytes)) {
            if (call.method === "send") process.kill(process.pid, "SIGKILL");
            else socket.write(encodeFrame({ type: "result", id: call.id, value: call.method === "putBacks" ? [] : { id: "a" } }));
          }
        });
      }).listen(process.argv[1] + "/profile.sock", () => console.log("ready"));
    `,
    );
    await once(server.stdout, "data");
    const core = new FakeClient();
    const guest = door(home, core);
    const client = await guest.door.open();
    await expect(client.send("c", { text: "x" })).rejects.toBeInstanceOf(CliFailure);
    expect(core.called("send")).toBeUndefined();
    // The killed holder's socket file is still there, and stops nobody.
    expect(await client.account()).toBeDefined();
    await guest.door.close();
  });

  test("a holder that does not answer is told after a while, with 1", async () => {
    const home = await newHome();
    const lock = tryLock(join(home, "profile.lock"));
    const { exitCode, err } = await runCli(["contacts"], { home });
    expect(exitCode).toBe(1);
    expect(err).toContain("Another stonechat is using this profile");
    lock?.release();
  });

  test("twenty processes that start at once all get their answer", async () => {
    const home = await newHome();
    const results = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const one = door(home, new FakeClient());
        const client = await one.door.open();
        const account = await client.account();
        await one.door.close();
        return account?.name;
      }),
    );
    expect(results).toEqual(Array.from({ length: 20 }, () => "Ada"));
  });
});

describe("the lock", () => {
  test("has one holder, and a new one after its release", async () => {
    const path = join(await newHome(), "profile.lock");
    const first = tryLock(path);
    expect(first).toBeDefined();
    expect(tryLock(path)).toBeUndefined();
    first?.release();
    const second = tryLock(path);
    expect(second).toBeDefined();
    second?.release();
  });

  test("is free again after kill -9", async () => {
    const home = await newHome();
    const holder = spawnHolder(
      home,
      `
      const { tryLock } = await import(${JSON.stringify(new URL("./profile-lock.ts", import.meta.url).href)});
      globalThis.lock = tryLock(process.argv[1] + "/profile.lock");
      setInterval(() => undefined, 1000);
      console.log("ready");
    `,
    );
    await once(holder.stdout, "data");
    expect(tryLock(join(home, "profile.lock"))).toBeUndefined();
    holder.kill("SIGKILL");
    await once(holder, "exit");
    const lock = tryLock(join(home, "profile.lock"));
    expect(lock).toBeDefined();
    lock?.release();
  });
});

describe("the socket", () => {
  async function connected(home: string): Promise<Socket> {
    const socket = connect(join(home, "profile.sock"));
    socket.on("error", () => undefined);
    await once(socket, "connect");
    return socket;
  }

  test("is for this user only", async () => {
    const home = await newHome();
    const holder = door(home, new FakeClient());
    await holder.door.open();
    expect((await stat(join(home, "profile.sock"))).mode & 0o777).toBe(0o600);
    expect((await stat(home)).mode & 0o077).toBe(0);
    await holder.door.close();
    await expect(stat(join(home, "profile.sock"))).rejects.toMatchObject({ code: "ENOENT" });
  });

  test.each([
    ["close", []],
    ["onEvent", []],
    ["constructor", []],
    ["__proto__", []],
    ["emit", [{}]],
    ["toString", []],
  ])("closes on whoever calls %s, which is no method of the list", async (method, args) => {
    const home = await newHome();
    const core = new FakeClient();
    const holder = door(home, core);
    await holder.door.open();
    const socket = await connected(home);
    socket.write(encodeFrame({ id: 1, method, args }));
    socket.resume();
    await once(socket, "close");
    expect(core.calls).toEqual([]);
    await holder.door.close();
  });

  test("closes on noise and on a frame that is too large, and serves others on", async () => {
    const home = await newHome();
    const holder = door(home, new FakeClient());
    await holder.door.open();
    for (const noise of [
      Buffer.from("GET / HTTP/1.1\r\n\r\n"),
      Buffer.of(0, 0x20, 0, 0),
      encodeFrame("x"),
      encodeFrame({ id: "1", method: "account", args: [] }),
    ]) {
      const socket = await connected(home);
      socket.write(noise);
      socket.resume();
      await once(socket, "close");
    }
    const guest = door(home);
    expect(await (await guest.door.open()).account()).toBeDefined();
    await guest.door.close();
    await holder.door.close();
  });

  test("greets first, and answers by the call's number", async () => {
    const home = await newHome();
    const holder = door(home, new FakeClient());
    await holder.door.open();
    const socket = await connected(home);
    const reader = new FrameReader();
    const answers: unknown[] = [];
    socket.on("data", (bytes: Uint8Array) => answers.push(...reader.push(bytes)));
    socket.write(encodeFrame({ id: 7, method: "contacts", args: [] }));
    while (answers.length < 2) await pause(5);
    expect(answers).toEqual([
      { type: "hello", version: 3, holder: { pid: process.pid, until: null, busy: true } },
      { type: "result", id: 7, value: [] },
    ]);
    socket.destroy();
    await holder.door.close();
  });

  test("works in a folder whose path is longer than a socket's may be", async () => {
    const home = join(await newHome(), "x".repeat(120));
    const before = process.cwd();
    const core = new FakeClient();
    const holder = door(home, core);
    await holder.door.create((vaultDoor) => OPEN.enter(vaultDoor));
    const guest = door(home);
    expect(await (await guest.door.open()).account()).toBeDefined();
    await guest.door.close();
    await holder.door.close();
    expect(process.cwd()).toBe(before);
  });
});

test("the list of methods is the core's interface without what belongs to the holder", () => {
  const core = new FakeClient();
  const names = Object.getOwnPropertyNames(FakeClient.prototype).filter(
    (name) => !["constructor", "emit", "listeners", "called"].includes(name),
  );
  expect(names.filter((name) => !["start", "close", "onEvent"].includes(name)).toSorted()).toEqual(
    sharedMethods().toSorted(),
  );
  for (const name of sharedMethods()) expect(typeof core[name]).toBe("function");
});

/** A process of its own that holds the profile as `script` says. It gets the folder as its argument and prints when it is ready. */
function spawnHolder(home: string, script: string): ChildProcessByStdio<null, Readable, null> {
  return spawn(process.execPath, ["--input-type=module", "--eval", script, home], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}
