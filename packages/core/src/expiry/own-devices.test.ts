import type { Content, MessageId } from "@stonechat/protocol";
import { ClientWorld } from "@stonechat/testkit/client-world";
import { memorySource, type MemorySink } from "@stonechat/testkit/memory-files";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { testSqlite } from "@stonechat/testkit/test-sqlite";
import { mlsPrimitives } from "@stonechat/crypto";
import { afterEach, expect, test } from "vitest";
import type { ClientEvent } from "../client-api.ts";
import { listMessages } from "../commands/messages.ts";
import { recordOf } from "../commands/conversations.ts";
import { applyContent } from "../content/apply-content.ts";
import { write } from "../context.ts";
import { Core } from "../core.ts";
import { loadAccount } from "../identity/account.ts";
import { identityRow } from "../identity/identity-store.ts";
import { createMls } from "../mls/index.ts";
import { openDatabase } from "../vault/database.ts";
import { MIGRATIONS } from "../vault/schema.ts";
import { ExpiringDatabase } from "./expiring-database.ts";

const HOUR_S = 3_600;
const HOUR_MS = HOUR_S * 1000;

/** A device of an account, into whose notes another device of the same account writes. */
async function setUp(): Promise<{
  world: ClientWorld;
  core: Core;
  own: string;
  events: ClientEvent[];
  arrive: (body: Partial<Extract<Content["body"], { type: "message" }>>, sentAt: number) => Promise<void>;
}> {
  const world = new ClientWorld();
  const person = await world.join("Ada");
  const own = (await person.client.account())?.ownConversationId ?? "";
  await person.client.close();
  const sqlite = await testSqlite();
  const opened = await openDatabase({ sqlite, files: person.files, name: "stonechat.db", migrations: MIGRATIONS });
  const db = await ExpiringDatabase.open(opened, world.clock, fail);
  const random = repeatableRandom("own devices");
  const mls = createMls({ primitives: mlsPrimitives(random), now: () => world.clock.now() });
  const filePort = {
    openSource: (file: unknown) => Promise.resolve(memorySource(file as Uint8Array)),
    openSink: (target: unknown) => Promise.resolve(target as MemorySink),
  };
  const { clock } = world;
  const ports = {
    files: person.files,
    filePort,
    clock,
    random,
    transport: world.transport(),
    http: world.http(),
    report: fail,
  };
  const core = new Core(ports, db, mls, await db.transaction((tx) => loadAccount(tx)));
  opens.push(core);
  const events: ClientEvent[] = [];
  core.listen((event) => events.push(event));
  let ord = 1000;
  const arrive: Awaited<ReturnType<typeof setUp>>["arrive"] = async (more, sentAt) => {
    const body = {
      type: "message",
      text: "note",
      replyTo: undefined,
      attachments: [],
      timerSeconds: HOUR_S,
      viewOnce: false,
    } as const;
    const content: Content = {
      messageId: random.bytes(16) as MessageId,
      sentAt,
      body: { ...body, ...more },
      extensions: new Uint8Array(0),
    };
    ord += 8;
    await write(core, async (tx, afterwards) => {
      const { identityKey } = core.account();
      const device = { leaf: 1, identityKey, deviceKey: core.account().deviceKey };
      const arrived = { sender: identityRow(tx, identityKey), device, content, ord, own: false };
      await applyContent({ core, tx, afterwards }, recordOf(tx, own), arrived);
    });
  };
  return { world, core, own, events, arrive };
}

const opens: Core[] = [];
afterEach(async () => {
  for (const core of opens.splice(0)) await core.stop();
});

function fail(error: unknown): void {
  throw error as Error;
}

async function endsOf(core: Core, own: string): Promise<readonly (number | undefined)[]> {
  const { messages } = await listMessages(core, own, { limit: 10 });
  return messages.map(({ expiresAt }) => expiresAt);
}

test("counts from when it was written there, however late this device hears of it", async () => {
  const { world, core, own, arrive } = await setUp();
  const now = world.clock.now();
  await arrive({}, now - HOUR_MS / 2);
  expect(await endsOf(core, own)).toEqual([now + HOUR_MS / 2]);
});

test("is not shown at all, nor told of, if it has disappeared there", async () => {
  const { world, core, own, events, arrive } = await setUp();
  await arrive({}, world.clock.now() - HOUR_MS);
  expect(await endsOf(core, own)).toEqual([]);
  expect(events.filter(({ type }) => type === "message" || type === "messages-changed")).toEqual([]);
});

test("counts from now if the other device's clock is ahead", async () => {
  const { world, core, own, arrive } = await setUp();
  const now = world.clock.now();
  await arrive({}, now + 9 * HOUR_MS);
  expect(await endsOf(core, own)).toEqual([now + HOUR_MS]);
});

test("stays if it has no timer", async () => {
  const { world, core, own, arrive } = await setUp();
  await arrive({ timerSeconds: 0 }, world.clock.now() - 1000 * HOUR_MS);
  expect(await endsOf(core, own)).toEqual([undefined]);
});

test("cannot be opened here if it is view-once: its sender has opened it", async () => {
  const { world, core, own, arrive } = await setUp();
  const blob = {
    relayUrl: "http://localhost:1",
    ...{ blobId: new Uint8Array(32) as never, key: new Uint8Array(32), prefix: new Uint8Array(7) },
    ...{ sha256: new Uint8Array(32), size: 1, storedSize: 32 },
  };
  const attachment = {
    name: "x",
    mediaType: "image/png",
    kind: "image",
    width: 0,
    height: 0,
    thumbnail: new Uint8Array(0),
    blob,
  } as const;
  await arrive({ text: "", attachments: [attachment], viewOnce: true }, world.clock.now());
  const { messages } = await listMessages(core, own, { limit: 10 });
  expect(messages.map(({ viewOnce, attachments }) => [viewOnce, attachments])).toEqual([["opened", []]]);
});
