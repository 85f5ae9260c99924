import { cp } from "node:fs/promises";
import { join } from "node:path";
import type { Run } from "@stonechat/protocol";
import { expect, test } from "vitest";
import { FrameClient } from "../testing/frame-client.ts";
import { relayFixture, temporaryFolder } from "../testing/relay-fixture.ts";
import { ask } from "../testing/service-fixture.ts";

async function runsOf(url: string): Promise<readonly Run[]> {
  const client = await FrameClient.connect(url);
  expect(await client.ask({ type: "hello", minVersion: 1, maxVersion: 2 })).toMatchObject({ version: 2 });
  const reply = await client.ask({ type: "lineage", limit: 64 });
  await client.close();
  if (reply.type !== "lineage") throw new RangeError("no lineage");
  return reply.runs;
}

test("each start of the relay is a run; a folder that was put back tells an older lineage", async () => {
  const first = await relayFixture();
  const [run] = await runsOf(first.url);
  expect(run?.number).toBe(1);
  await first.relay.close();
  const copy = join(await temporaryFolder(), "data");
  await cp(first.data, copy, { recursive: true });

  const second = await relayFixture({ data: first.data });
  const client = await FrameClient.open(second.url);
  expect(await client.ask(ask.create(1))).toEqual({ type: "done" });
  expect(await client.ask(ask.append(1, 1))).toMatchObject({ type: "appended" });
  await client.close();
  const told = await runsOf(second.url);
  expect(told.map(({ number }) => number)).toEqual([1, 2]);
  expect(told[0]).toEqual(run);
  await second.relay.close();

  const third = await relayFixture({ data: first.data });
  const later = await runsOf(third.url);
  expect(later.slice(0, 2).map(({ id }) => id)).toEqual(told.map(({ id }) => id));
  expect(later[1]?.at).toBeGreaterThanOrEqual(told[1]?.at ?? Infinity);
  await third.relay.close();

  const restored = await relayFixture({ data: copy });
  const others = await runsOf(restored.url);
  expect(others.map(({ number }) => number)).toEqual([1, 2]);
  expect(others[1]?.id).not.toEqual(told[1]?.id);
});
