import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ClientErrorCode } from "@stonechat/core";
import { attachmentOf, contactOf, conversationOf, FakeClient, idOf, messageOf, NOON } from "../testing/fake-client.ts";
import { runCli } from "../testing/run-cli.ts";
import { temporaryHomes } from "../testing/temporary-home.ts";

const newHome = temporaryHomes();
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const C1 = idOf("c1");
const M1 = idOf("e1", 32);

/** Ada with the contact Bea, the group Team, and one message from Bea. */
function someClient(): FakeClient {
  const client = new FakeClient();
  client.contactViews = [contactOf("1", "Bea")];
  client.conversationViews = [
    conversationOf("0", "", { kind: "own", memberCount: 1 }),
    conversationOf("1", "Bea", { contactId: idOf("a1"), unread: 1 }),
    conversationOf("2", "Team", { kind: "group", memberCount: 3 }),
  ];
  client.memberViews = [
    {
      id: idOf("a0"),
      name: "Ada",
      self: true,
      role: "admin",
      deviceCount: 1,
      contact: false,
      verified: true,
      invited: false,
    },
    {
      id: idOf("a1"),
      name: "Bea",
      self: false,
      role: "member",
      deviceCount: 2,
      contact: true,
      verified: false,
      invited: true,
    },
  ];
  client.messageViews = [messageOf("1", "hello")];
  return client;
}

const done = (command: string, more: object): object => ({ type: "done", command, ...more });

describe("what is printed with --json", () => {
  const message = {
    type: "message",
    conversation: C1,
    conversationName: "Bea",
    from: "Bea",
    fromId: idOf("a1"),
    fromSelf: false,
    id: M1,
    sentAt: "2026-11-22T12:00:00.000Z",
    receivedAt: "2026-11-22T12:00:00.000Z",
    text: "hello",
    attachments: [],
    replyTo: null,
    state: "received",
    reactions: [],
  };
  const contact = {
    type: "contact",
    id: idOf("a1"),
    name: "Bea",
    profileName: "Bea",
    conversation: C1,
    verified: false,
    blocked: false,
    devices: 1,
    devicesChanged: false,
  };
  const TABLE: readonly (readonly [argv: readonly string[], objects: readonly object[]])[] = [
    [
      ["init", "--relay", "https://relay.test", "--name", "Ada"],
      [{ type: "account", id: idOf("a0"), name: "Ada", relay: "https://relay.test", device: idOf("d0") }],
    ],
    [
      ["invite"],
      [
        {
          type: "invite",
          link: "http://relay.test/#i/AAAA",
          expires: "2026-11-29T12:00:00.000Z",
          id: idOf("b1", 32),
          reusable: false,
          state: "open",
          createdAt: "2026-11-22T12:00:00.000Z",
        },
      ],
    ],
    [["accept", "LINK"], [{ type: "request-sent", id: idOf("9", 32), toId: idOf("a1"), state: "sent" }]],
    [
      ["accept", "LINK", "--wait", "30s"],
      [{ type: "request-sent", id: idOf("9", 32), toId: idOf("a1"), state: "sent" }, contact],
    ],
    [["contacts"], [contact]],
    [
      ["conversations"],
      [
        { type: "conversation", id: idOf("c0"), name: "Notes to self", kind: "own", members: 1, unread: 0 },
        { type: "conversation", id: C1, name: "Bea", kind: "direct", members: 2, unread: 1, contact: idOf("a1") },
        {
          type: "conversation",
          id: idOf("c2"),
          name: "Team",
          kind: "group",
          members: 3,
          unread: 0,
          role: "admin",
          state: "active",
          verified: false,
          lastActivityAt: "2026-11-22T12:00:00.000Z",
          timerSeconds: 0,
        },
      ],
    ],
    [
      ["devices"],
      [{ type: "device", id: idOf("d0"), name: "test-machine", addedAt: "2026-11-22T12:00:00.000Z", current: true }],
    ],
    [["send", "Bea", "hi"], [{ type: "sent", conversation: C1, id: idOf("e5", 32), state: "sent" }]],
    [["read", "Bea"], [message]],
    [["search", "hel", "lo"], [message]],
    [["react", "Bea", M1, "👍"], [done("react", { conversation: C1, id: M1, state: "sent" })]],
    [["edit", "Bea", M1, "new"], [done("edit", { conversation: C1, id: M1, state: "sent" })]],
    [["timer", "Bea"], [{ type: "timer", conversation: C1, seconds: 0 }]],
    [["timer", "Bea", "1h"], [done("timer", { conversation: C1, seconds: 3600, state: "sent" })]],
    [["timer", "Bea", "off"], [done("timer", { conversation: C1, seconds: 0, state: "sent" })]],
    [["delete", "Bea", M1], [done("delete", { conversation: C1, id: M1, state: "sent" })]],
    [
      ["group", "create", "Crew", "Bea"],
      [{ type: "conversation", id: idOf("c7"), name: "Crew", kind: "group", members: 2, state: "sent" }],
    ],
    [
      ["group", "add", "Team", "Bea"],
      [done("group add", { conversation: idOf("c2"), members: [idOf("a1")], state: "sent" })],
    ],
    [
      ["group", "remove", "Team", "Bea"],
      [done("group remove", { conversation: idOf("c2"), members: [idOf("a1")], state: "sent" })],
    ],
    [["group", "leave", "Team"], [done("group leave", { conversation: idOf("c2"), state: "sent" })]],
    [
      ["group", "rename", "Team", "Crew"],
      [done("group rename", { conversation: idOf("c2"), name: "Crew", state: "sent" })],
    ],
    [
      ["group", "promote", "Team", "Bea"],
      [done("group promote", { conversation: idOf("c2"), member: idOf("a1"), role: "admin", state: "sent" })],
    ],
    [
      ["group", "demote", "Team", "Bea"],
      [done("group demote", { conversation: idOf("c2"), member: idOf("a1"), role: "member", state: "sent" })],
    ],
    [
      ["group", "members", "Team"],
      [
        {
          type: "member",
          id: idOf("a0"),
          name: "Ada",
          role: "admin",
          self: true,
          contact: false,
          verified: true,
          invited: false,
          devices: 1,
        },
        { type: "member", id: idOf("a1"), name: "Bea", role: "member", self: false, invited: true, devices: 2 },
      ],
    ],
    [
      ["verify", "Bea"],
      [
        {
          type: "safety-number",
          id: idOf("a1"),
          name: "Bea",
          number: "10000 10001 10002 10003 10004 10005 10006 10007 10008 10009 10010 10011",
          verified: false,
          qr: "STONECHAT-SAFETY",
        },
      ],
    ],
    [["name", "Ada L"], [done("name", { name: "Ada L", state: "sent" })]],
    [["rename", "Bea", "B"], [done("rename", { id: idOf("a1"), name: "B" })]],
    [["block", "Bea"], [done("block", { id: idOf("a1") })]],
    [["unblock", "Bea"], [done("unblock", { id: idOf("a1") })]],
  ];

  test.each(TABLE)("%j", async (argv, objects) => {
    const client = someClient();
    if (argv[0] === "init") client.accountView = undefined;
    const { host, exitCode, err } = await runCli([...argv, "--json"], { home: await newHome(), client });
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
    const lines = host.lines();
    expect(lines).toMatchObject(objects);
    for (const line of lines) {
      for (const [field, value] of Object.entries(line)) if (/At$|^expires$/.test(field)) expect(value).toMatch(ISO);
    }
  });

  test("requests of each kind", async () => {
    const client = someClient();
    client.requestViews = [
      {
        type: "contact",
        id: idOf("91", 32),
        accountId: idOf("a3"),
        name: "Cy",
        receivedAt: NOON,
        inviteCreatedAt: NOON,
        looksLike: "Су",
      },
      {
        type: "group",
        id: idOf("92", 32),
        conversationId: idOf("c8"),
        name: "Crew",
        fromId: idOf("a1"),
        fromName: "Bea",
        memberCount: 4,
        receivedAt: NOON,
      },
      { type: "sent", id: idOf("93", 32), accountId: idOf("a4"), sentAt: NOON },
    ];
    const { host } = await runCli(["requests", "--json"], { home: await newHome(), client });
    expect(host.lines()).toMatchObject([
      {
        type: "request",
        kind: "contact",
        id: idOf("91", 32),
        name: "Cy",
        fromId: idOf("a3"),
        accepted: false,
        looksLike: "Су",
      },
      {
        type: "request",
        kind: "group",
        name: "Crew",
        from: "Bea",
        fromId: idOf("a1"),
        conversation: idOf("c8"),
        members: 4,
        accepted: false,
      },
      { type: "request", kind: "sent", toId: idOf("a4") },
    ]);
  });

  test("requests are accepted and declined by the beginning of their id", async () => {
    const client = someClient();
    client.requestViews = [
      {
        type: "contact",
        id: idOf("91", 32),
        accountId: idOf("a3"),
        name: "Cy",
        receivedAt: NOON,
        inviteCreatedAt: NOON,
      },
    ];
    expect(
      (await runCli(["requests", "accept", "91000000", "--json"], { home: await newHome(), client })).exitCode,
    ).toBe(0);
    expect(client.called("acceptRequest")).toEqual([idOf("91", 32)]);
    client.closed = false;
    expect((await runCli(["requests", "decline", idOf("91", 32)], { home: await newHome(), client })).exitCode).toBe(0);
    client.closed = false;
    expect((await runCli(["requests", "decline", "92000000"], { home: await newHome(), client })).exitCode).toBe(1);
  });
});

describe("for a person", () => {
  test("an invite is the link alone on a line", async () => {
    expect((await runCli(["invite"], { home: await newHome(), client: someClient() })).out).toBe(
      "http://relay.test/#i/AAAA\n",
    );
  });

  test("on a terminal it comes with a QR code, and without one where it does not fit", async () => {
    const wide = await runCli(["invite"], { home: await newHome(), client: someClient(), stdoutTty: true });
    expect(wide.out).toMatch(/^http:\/\/relay\.test\/#i\/AAAA\n\n[█▀▄ \n]+\n/);
    const narrow = await runCli(["invite"], {
      home: await newHome(),
      client: someClient(),
      stdoutTty: true,
      columns: 20,
    });
    expect(narrow.out).not.toContain("█");
    expect(narrow.out.split("\n")[0]).toBe("http://relay.test/#i/AAAA");
  });

  test("the safety number alone is 60 digits", async () => {
    const { out } = await runCli(["verify", "Bea", "--number"], { home: await newHome(), client: someClient() });
    expect(out).toMatch(/^(\d{5} ){11}\d{5}\n$/);
  });

  test("marking a contact verified says so to the core", async () => {
    const client = someClient();
    await runCli(["verify", "Bea", "--mark"], { home: await newHome(), client });
    expect(client.called("setVerified")).toEqual([idOf("a1"), true]);
  });

  test("lines of a message cannot pass for lines of ours", async () => {
    const client = someClient();
    client.messageViews = [messageOf("1", "hi\nMallory  2026-11-22 12:00\r\nstonechat: fake")];
    const { out } = await runCli(["read", "Bea"], { home: await newHome(), client });
    const [first, ...rest] = out.trimEnd().split("\n");
    expect(first).toMatch(/^Bea /);
    expect(rest.length).toBe(3);
    for (const line of rest) expect(line).toMatch(/^ {2}/);
  });

  test.each([20, 40, 80])("nothing is wider than a terminal of %i columns", async (columns) => {
    const client = someClient();
    client.messageViews = [messageOf("1", `${"long ".repeat(30)}${"x".repeat(100)}`)];
    for (const argv of [["contacts"], ["conversations"], ["read", "Bea"], ["devices"], ["group", "members", "Team"]]) {
      const { out } = await runCli(argv, { home: await newHome(), client, columns });
      client.closed = false;
      for (const line of out.split("\n")) expect(line.trimEnd().length).toBeLessThanOrEqual(columns);
    }
  });
});

describe("names", () => {
  test.each([["Bea"], ["bea"], [C1], [C1.slice(0, 8)], [idOf("a1")], [idOf("a1").slice(0, 12)]])(
    "%s means the conversation with Bea",
    async (wanted) => {
      const client = someClient();
      expect((await runCli(["send", wanted, "x"], { home: await newHome(), client })).exitCode).toBe(0);
      expect(client.called("send")?.[0]).toBe(C1);
    },
  );

  test("an ambiguous name is refused with the candidates", async () => {
    const client = someClient();
    client.conversationViews.push(conversationOf("3", "Team", { kind: "group" }));
    const { exitCode, out, err } = await runCli(["send", "Team", "x", "--json"], { home: await newHome(), client });
    expect({ exitCode, out }).toEqual({ exitCode: 1, out: "" });
    expect(err).toContain(idOf("c2"));
    expect(err).toContain(idOf("c3"));
    expect(client.called("send")).toBeUndefined();
  });

  test("a whole name wins over one that differs in case", async () => {
    const client = someClient();
    client.conversationViews.push(conversationOf("3", "team", { kind: "group" }));
    await runCli(["send", "team", "x"], { home: await newHome(), client });
    expect(client.called("send")?.[0]).toBe(idOf("c3"));
  });

  test.each([["Nobody"], ["c10"], ["c1000000f"]])("%s is refused as unknown", async (wanted) => {
    const { exitCode, err } = await runCli(["send", wanted, "x"], { home: await newHome(), client: someClient() });
    expect(exitCode).toBe(1);
    expect(err).toContain("There is no conversation");
  });

  test("a direct conversation is no group", async () => {
    expect((await runCli(["group", "leave", "Bea"], { home: await newHome(), client: someClient() })).exitCode).toBe(1);
  });
});

describe("send", () => {
  test("reads the text from standard input, without the line feed at its end", async () => {
    const client = someClient();
    await runCli(["send", "Bea", "-"], { home: await newHome(), client, stdin: "two\nlines\n" });
    expect(client.called("send")?.[1]).toMatchObject({ text: "two\nlines" });
  });

  test("refuses an empty text, and takes it beside a file", async () => {
    const home = await newHome();
    const path = join(home, "a.png");
    await writeFile(path, "x");
    const client = someClient();
    expect((await runCli(["send", "Bea", "-"], { home, client })).exitCode).toBe(1);
    expect((await runCli(["send", "Bea", ""], { home, client })).exitCode).toBe(1);
    expect((await runCli(["send", "Bea", "--file", path, "--file", path], { home, client })).exitCode).toBe(0);
    expect(client.called("send")?.[1]).toMatchObject({
      text: "",
      attachments: [{ file: path, name: "a.png", mediaType: "image/png", kind: "image" }, {}],
    });
  });

  test("refuses a file that is not there before anything is opened", async () => {
    const client = someClient();
    const { exitCode, err } = await runCli(["send", "Bea", "--file", "/nonexistent"], {
      home: await newHome(),
      client,
    });
    expect(exitCode).toBe(1);
    expect(err).toContain("/nonexistent");
    expect(client.calls).toEqual([]);
  });

  test("answers a message by the beginning of its id", async () => {
    const client = someClient();
    await runCli(["send", "Bea", "x", "--reply-to", M1.slice(0, 8)], { home: await newHome(), client });
    expect(client.called("send")?.[1]).toMatchObject({ replyTo: M1 });
  });

  test("says waiting and ends with 4 while the relay is out of reach", async () => {
    const client = someClient();
    client.state = "offline";
    const { host, exitCode } = await runCli(["send", "Bea", "x", "--json"], { home: await newHome(), client });
    expect(exitCode).toBe(4);
    expect(host.lines()).toMatchObject([{ type: "sent", state: "waiting" }]);
  });

  test("waits while it is connecting, and no longer than asked", async () => {
    const client = someClient();
    client.state = "connecting";
    const { host, exitCode } = await runCli(["send", "Bea", "x", "--json", "--wait", "3s"], {
      home: await newHome(),
      client,
    });
    expect(exitCode).toBe(4);
    expect(host.now() - NOON).toBeGreaterThanOrEqual(3_000);
    expect(host.now() - NOON).toBeLessThan(4_000);
  });
});

describe("read", () => {
  test("gives the last N messages, oldest first, across pages, without the lines that nobody wrote", async () => {
    const client = someClient();
    client.messageViews = Array.from({ length: 250 }, (_, index) =>
      index % 10 === 0
        ? messageOf(`0${String(index).padStart(3, "0")}`, "", {
            order: index,
            body: { type: "notice", notice: { type: "created", byName: "Bea" } },
          })
        : messageOf(`0${String(index).padStart(3, "0")}`, String(index), { order: index }),
    );
    const { host } = await runCli(["read", "Bea", "--last", "150", "--json"], { home: await newHome(), client });
    const texts = host.lines().map(({ text }) => Number(text));
    expect(texts.length).toBe(150);
    expect(texts).toEqual(texts.toSorted((one, other) => one - other));
    expect(texts.at(-1)).toBe(249);
    expect(texts.some((text) => text % 10 === 0)).toBe(false);
  });

  test("marks what it showed as read, unless it only peeks", async () => {
    const client = someClient();
    await runCli(["read", "Bea", "--peek"], { home: await newHome(), client });
    expect(client.called("markRead")).toBeUndefined();
    client.closed = false;
    await runCli(["read", "Bea"], { home: await newHome(), client });
    expect(client.called("markRead")).toEqual([C1, M1]);
  });

  test("shows what is known while the relay is out of reach", async () => {
    const client = someClient();
    client.state = "offline";
    expect((await runCli(["read", "Bea", "--json"], { home: await newHome(), client })).exitCode).toBe(0);
  });

  test("fetches files when asked", async () => {
    const client = someClient();
    client.messageViews = [messageOf("1", "", { attachments: [attachmentOf("1", "../a.txt")] })];
    const home = await newHome();
    const { host } = await runCli(["read", "Bea", "--download", "--json"], { home, client });
    expect(host.lines()).toMatchObject([
      { attachments: [{ name: "../a.txt", size: 5, path: join(home, "downloads", "a.txt") }] },
    ]);
  });
});

describe("doctor", () => {
  test("is content with a good machine", async () => {
    const health = { status: 200, date: new Date(NOON).toUTCString() };
    const { host, exitCode } = await runCli(["doctor", "--json"], {
      home: await newHome(),
      client: someClient(),
      health,
    });
    expect(exitCode).toBe(0);
    expect(host.lines().map(({ name, state }) => `${String(name)} ${String(state)}`)).toEqual([
      "node ok",
      "profile ok",
      "vault warning",
      "account ok",
      "relay ok",
      "clock ok",
    ]);
  });

  test("tells a wrong clock and a relay out of reach", async () => {
    const health = { status: 200, date: new Date(NOON - 600_000).toUTCString() };
    const wrong = await runCli(["doctor", "--json"], { home: await newHome(), client: someClient(), health });
    expect(wrong.host.lines().at(-1)).toMatchObject({ name: "clock", state: "warning" });
    expect((await runCli(["doctor"], { home: await newHome(), client: someClient() })).exitCode).toBe(4);
  });
});

test("every refusal of the core has a sentence for a person and ends with 1", async () => {
  const codes: readonly ClientErrorCode[] = [
    "not-allowed",
    "blocked",
    "too-long",
    "too-large",
    "conversation-closed",
    "unverified",
    "storage-failed",
    "relay-outdated",
  ];
  for (const code of codes) {
    const client = someClient();
    client.refusals = { send: code };
    const { exitCode, err } = await runCli(["send", "Bea", "x"], { home: await newHome(), client });
    expect(exitCode).toBe(1);
    expect(err).toMatch(/^stonechat: [A-Z][^\n]+\n$/);
    expect(err).not.toContain("inside Stonechat");
  }
});
