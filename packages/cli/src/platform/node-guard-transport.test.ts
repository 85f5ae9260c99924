import type { Http } from "@stonechat/core";
import { SEALED_GUARD_REPLY_BYTES } from "@stonechat/protocol";
import { expect, test } from "vitest";
import { createGuardTransport } from "./node-guard-transport.ts";

const GUARD = { relayUrl: "https://relay.test", url: "https://guard.test", id: "ab".repeat(32) };
const BY_RELAY = `https://relay.test/v1/guards/${GUARD.id}`;
const DIRECT = "https://guard.test/v1/guard";
const REPLY = new Uint8Array(SEALED_GUARD_REPLY_BYTES).fill(7);

/** Answers by URL: a status with {@link REPLY}, or nothing. */
function network(answers: Readonly<Record<string, number | undefined>>): {
  readonly http: Http;
  readonly asked: string[];
} {
  const asked: string[] = [];
  return {
    asked,
    http: {
      async request({ url }) {
        asked.push(url);
        const status = answers[url];
        return status === undefined ? undefined : { status, header: () => undefined, body: REPLY };
      },
    },
  };
}

test("a guard is asked by way of the relay, which alone sees our address", async () => {
  const { http, asked } = network({ [BY_RELAY]: 200, [DIRECT]: 200 });
  expect(await createGuardTransport(http).send(GUARD, new Uint8Array(1))).toEqual(REPLY);
  expect(asked).toEqual([BY_RELAY]);
});

test.each([[undefined], [404], [502]])(
  "a relay that gives %s is gone around, at once the next time",
  async (status) => {
    const { http, asked } = network({ ...(status === undefined ? {} : { [BY_RELAY]: status }), [DIRECT]: 200 });
    const transport = createGuardTransport(http);
    expect(await transport.send(GUARD, new Uint8Array(1))).toEqual(REPLY);
    expect(await transport.send(GUARD, new Uint8Array(1))).toEqual(REPLY);
    expect(asked).toEqual([BY_RELAY, DIRECT, DIRECT]);
  },
);

test("a relay that is back is used again when the guard's own address fails", async () => {
  const answers: Record<string, number | undefined> = { [DIRECT]: 200 };
  const { http, asked } = network(answers);
  const transport = createGuardTransport(http);
  await transport.send(GUARD, new Uint8Array(1));
  answers[DIRECT] = undefined;
  answers[BY_RELAY] = 200;
  for (let round = 0; round < 2; round += 1) await transport.send(GUARD, new Uint8Array(1));
  expect(asked).toEqual([BY_RELAY, DIRECT, DIRECT, BY_RELAY, BY_RELAY]);
});

test("a guard that nobody reaches gives nothing", async () => {
  const { http } = network({ [BY_RELAY]: 503, [DIRECT]: 429 });
  expect(await createGuardTransport(http).send(GUARD, new Uint8Array(1))).toBeUndefined();
});

test("the relay's list is what it answers with 200, and nothing else", async () => {
  const { http } = network({ "https://relay.test/v1/guards": 200, "https://old.test/v1/guards": 404 });
  const transport = createGuardTransport(http);
  expect(await transport.list("https://relay.test")).toEqual(REPLY);
  expect(await transport.list("https://old.test")).toBeUndefined();
  expect(await transport.list("https://gone.test")).toBeUndefined();
});
