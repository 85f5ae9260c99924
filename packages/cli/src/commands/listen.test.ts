import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ClientEvent, MessageView } from "@stonechat/core";
import { run } from "../run.ts";
import { attachmentOf, contactOf, conversationOf, FakeClient, idOf, messageOf, NOON } from "../testing/fake-client.ts";
import { FakeHost, type FakeHostSettings } from "../testing/fake-host.ts";
import { temporaryHomes } from "../testing/temporary-home.ts";

const newHome = temporaryHomes();
const C1 = idOf("c1");

/** A `listen` that runs in this process. */
interface Listening {
  readonly client: FakeClient;
  readonly host: FakeHost;
  readonly home: string;
  readonly ended: Promise<number>;
}

async function startListen(
  argv: readonly string[],
  prepare: (client: FakeClient) => void = () => undefined,
  settings: Partial<FakeHostSettings> = {},
): Promise<Listening> {
  const home = await newHome();
  const client = new FakeClient();
  client.conversationViews = [conversationOf("1", "Bea")];
  prepare(client);
  const host = new FakeHost({ home, client, manualTime: true, ...settings });
  const ended = run(["--home", home, "listen", "--json", ...argv], host);
  await until(() => client.started);
  return { client, host, home, ended };
}

test("a person at a terminal is told when the relay goes out of reach and when it is back, once each", async () => {
  const home = await newHome();
  const client = new FakeClient();
  const host = new FakeHost({ home, client, manualTime: true, stdoutTty: true });
  const ended = run(["--home", home, "listen"], host);
  await until(() => client.started);
  for (const state of ["online", "offline", "connecting", "offline", "online"] as const)
    client.emit({ type: "connection", state });
  await until(() => host.err.includes("back"));
  host.interrupt();
  expect(await ended).toBe(0);
  expect(host.err.split("\n")).toEqual([
    "stonechat: Listening. Ctrl-C ends it.",
    "stonechat: The relay cannot be reached. Trying again.",
    "stonechat: The relay is back.",
    "",
  ]);
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => void setImmediate(resolve));
}

function arrival(message: MessageView): ClientEvent {
  return { type: "message", message, conversationName: "Bea" };
}

describe("listen", () => {
  test("prints messages at once and ends with 0 after --count of them", async () => {
    const { client, host, ended } = await startListen(["--count", "2"]);
    client.emit(arrival(messageOf("1", "one")));
    await until(() => host.out.includes("one"));
    client.emit({ type: "contact", contact: contactOf("1", "Bea") });
    client.emit(arrival(messageOf("2", "two")));
    client.emit(arrival(messageOf("3", "three")));
    expect(await ended).toBe(0);
    expect(host.lines().map(({ type, text }) => text ?? type)).toEqual(["one", "contact", "two"]);
    expect(client.closed).toBe(true);
  });

  test("marks as read what has left the process, and not before", async () => {
    const { client, host, ended } = await startListen(["--count", "1"]);
    client.emit(arrival(messageOf("1", "one")));
    expect(await ended).toBe(0);
    expect(client.called("markRead")).toEqual([C1, idOf("e1", 32)]);
    expect(host.lines().length).toBe(1);
  });

  test("begins with what was not read, and prints nothing twice", async () => {
    const unread = [messageOf("1", "old", { order: 1 }), messageOf("2", "unread", { order: 2 })];
    const { client, host, ended } = await startListen(["--count", "2"], (prepared) => {
      prepared.messageViews = [...unread, messageOf("3", "mine", { order: 3, fromSelf: true })];
      prepared.conversationViews = [conversationOf("1", "Bea", { unread: 1 })];
    });
    for (const message of unread.slice(1)) client.emit(arrival(message));
    client.emit(arrival(messageOf("4", "new")));
    expect(await ended).toBe(0);
    expect(host.lines().map(({ text }) => text)).toEqual(["unread", "new"]);
  });

  test("says nothing of messages that I sent myself", async () => {
    const { client, host, ended } = await startListen(["--count", "1"]);
    client.emit(arrival(messageOf("1", "mine", { fromSelf: true })));
    client.emit(arrival(messageOf("2", "theirs")));
    await ended;
    expect(host.lines().map(({ text }) => text)).toEqual(["theirs"]);
  });

  test("ends with 0 after --for", async () => {
    const { client, host, ended } = await startListen(["--for", "30s"]);
    await until(() => client.calls.length > 0);
    host.advance(29_000);
    client.emit(arrival(messageOf("1", "late")));
    await until(() => host.out.includes("late"));
    host.advance(1_000);
    expect(await ended).toBe(0);
  });

  test.each(["signal", "closed"] as const)("ends with 0 and a closed profile on %s", async (reason) => {
    const { client, host, ended } = await startListen([]);
    host.interrupt(reason);
    expect(await ended).toBe(0);
    expect(client.closed).toBe(true);
    expect(host.err).toBe("");
  });

  test("ends quietly when nobody reads any more, without marking what nobody saw", async () => {
    const { client, host, ended } = await startListen([], undefined, { stdoutEnds: { at: 2, how: "closed" } });
    client.emit(arrival(messageOf("1", "one")));
    client.emit(arrival(messageOf("2", "two")));
    expect(await ended).toBe(0);
    expect(host.err).toBe("");
    expect(client.calls.filter(([method]) => method === "markRead").length).toBe(1);
  });

  test("prints every other event in its documented shape", async () => {
    const { client, host, ended } = await startListen([]);
    const from = { fromId: idOf("a1"), fromName: "Bea" };
    const members = {
      conversationName: "Team",
      byId: idOf("a1"),
      byName: "Bea",
      memberIds: [idOf("a2")],
      memberNames: ["Cy"],
    };
    client.emit({ type: "connection", state: "online" });
    client.emit({ type: "reaction", conversationId: C1, messageId: "m", ...from, emoji: "👍", removed: false });
    client.emit({ type: "edit", message: messageOf("1", "new", { editedAt: NOON }), conversationName: "Bea" });
    client.emit({ type: "delete", conversationId: C1, messageId: "m", ...from });
    client.emit({ type: "receipt", conversationId: C1, messageIds: ["m"], ...from, state: "read" });
    client.emit({ type: "member-added", conversationId: C1, ...members });
    client.emit({ type: "member-removed", conversationId: C1, ...members });
    client.emit({ type: "contact", contact: contactOf("1", "Bea") });
    client.emit({ type: "alarm", alarm: "fork", conversationId: C1 });
    await until(() => host.out.includes("alarm"));
    host.interrupt();
    await ended;
    const common = { conversation: C1, from: "Bea", fromId: idOf("a1") };
    const change = {
      conversation: C1,
      conversationName: "Team",
      by: "Bea",
      byId: idOf("a1"),
      members: ["Cy"],
      memberIds: [idOf("a2")],
    };
    expect(host.lines()).toMatchObject([
      { type: "reaction", ...common, id: "m", emoji: "👍", removed: false },
      { type: "edit", ...common, text: "new", editedAt: "2026-11-22T12:00:00.000Z" },
      { type: "delete", ...common, id: "m" },
      { type: "receipt", ...common, ids: ["m"], state: "read" },
      { type: "member-added", ...change },
      { type: "member-removed", ...change },
      { type: "contact", id: idOf("a1"), name: "Bea", conversation: C1 },
      { type: "alarm", alarm: "fork", conversation: C1, account: null },
    ]);
  });
});

describe("requests while listening", () => {
  const request = {
    type: "contact",
    id: idOf("91", 32),
    accountId: idOf("a3"),
    name: "Cy",
    receivedAt: NOON,
    inviteCreatedAt: NOON,
  } as const;
  const group = {
    type: "group",
    id: idOf("92", 32),
    conversationId: idOf("c8"),
    name: "Crew",
    fromId: idOf("a1"),
    fromName: "Bea",
    memberCount: 4,
    receivedAt: NOON,
  } as const;
  const invite =
    (reusable: boolean): ((client: FakeClient) => void) =>
    (client) => {
      client.inviteViews = [{ id: "i", link: "l", createdAt: NOON, expiresAt: NOON, reusable, state: "used" }];
    };

  test.each([
    ["a one-time link's are accepted", [], request, false, true],
    ["a reusable link's are shown only", [], request, true, false],
    ["nothing is accepted with --ask", ["--ask"], request, false, false],
    ["a contact's group is accepted", [], group, true, true],
    ["a contact's group is shown only with --ask", ["--ask"], group, true, false],
  ] as const)("%s", async (_, argv, wanted, reusable, accepted) => {
    const { client, host, ended } = await startListen([...argv], invite(reusable));
    client.emit({ type: "request", request: wanted });
    client.emit({ type: "request", request: wanted });
    client.emit(arrival(messageOf("1", "end")));
    await until(() => host.out.includes("end"));
    host.interrupt();
    await ended;
    expect(host.lines()[0]).toMatchObject({ type: "request", id: wanted.id, accepted });
    expect(host.lines().length).toBe(2);
    expect(client.calls.filter(([method]) => method === "acceptRequest").length).toBe(accepted ? 1 : 0);
  });

  test("a later request with the id of an answered one is answered too", async () => {
    const { client, host, ended } = await startListen([], invite(false));
    client.emit({ type: "request", request });
    client.emit({ type: "request", request: { ...request, receivedAt: NOON + 1, name: "Di" } });
    await until(() => host.out.includes("Di"));
    host.interrupt();
    await ended;
    expect(host.lines().map(({ name }) => name)).toEqual(["Cy", "Di"]);
  });

  test("those that came before are answered too", async () => {
    const { client, host, ended } = await startListen([], (prepared) => {
      invite(false)(prepared);
      prepared.requestViews = [request];
    });
    await until(() => client.called("acceptRequest") !== undefined);
    host.interrupt();
    await ended;
  });

  test("one that cannot be accepted now is told on stderr, and listening goes on", async () => {
    const { client, host, ended } = await startListen(["--count", "1"], (prepared) => {
      invite(false)(prepared);
      prepared.refusals = { acceptRequest: "relay-unreachable" };
    });
    client.emit({ type: "request", request });
    client.emit(arrival(messageOf("1", "end")));
    expect(await ended).toBe(0);
    expect(host.err).toContain("could not be accepted");
  });
});

describe("files while listening", () => {
  const withFile = messageOf("1", "", { attachments: [attachmentOf("1", "../../evil\u202egpj.sh")] });

  test("are in the downloads folder under a safe name before the line is printed", async () => {
    const { client, host, home, ended } = await startListen(["--count", "1"], (prepared) => {
      prepared.messageViews = [withFile];
    });
    client.emit(arrival(withFile));
    expect(await ended).toBe(0);
    const path = join(home, "downloads", "evil_gpj.sh");
    expect(host.lines()).toMatchObject([{ attachments: [{ name: "../../evil\u202egpj.sh", size: 5, path }] }]);
    expect(host.out).toContain("\\u202e");
    expect(await readFile(path, "utf8")).toBe("hello");
  });

  test("that cannot be had are told by a word, and the message comes all the same", async () => {
    const { client, host, ended } = await startListen(["--count", "1"], (prepared) => {
      prepared.messageViews = [withFile];
      prepared.content = undefined;
    });
    client.emit(arrival(withFile));
    expect(await ended).toBe(0);
    expect(host.lines()).toMatchObject([{ attachments: [{ path: null, problem: "attachment-gone" }] }]);
  });

  test("are left alone with --no-download", async () => {
    const { client, host, ended } = await startListen(["--count", "1", "--no-download"]);
    client.emit(arrival(withFile));
    expect(await ended).toBe(0);
    expect(host.lines()).toMatchObject([{ attachments: [{ path: null }] }]);
    expect(client.called("download")).toBeUndefined();
  });
});
