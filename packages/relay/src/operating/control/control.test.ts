import { stat } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { relayFixture, temporaryFolder } from "../../testing/relay-fixture.ts";
import { askRelay } from "./ask-relay.ts";
import { CONTROL_SOCKET, MAX_REQUEST_BYTES, parseControlRequest, type ControlRequest } from "./control-messages.ts";

const say = async (data: string, bytes: string): Promise<string> => {
  const socket = connect(join(data, CONTROL_SOCKET));
  socket.on("error", () => undefined);
  socket.write(bytes);
  let answer = "";
  for await (const chunk of socket.setEncoding("utf8") as AsyncIterable<string>) answer += chunk;
  return answer;
};

test("only the relay's user may open the socket, and it goes with the relay", async () => {
  const { relay, data } = await relayFixture();
  expect((await stat(join(data, CONTROL_SOCKET))).mode & 0o777).toBe(0o600);
  expect(await askRelay(data, { ask: "status" })).toMatchObject({ type: "status", status: { pid: process.pid } });
  await relay.close();
  expect(await askRelay(data, { ask: "status" })).toBeUndefined();
});

test("where no relay runs there is no answer", async () => {
  expect(await askRelay(await temporaryFolder(), { ask: "status" })).toBeUndefined();
});

test("a data folder with a long path is no hindrance", async () => {
  const data = join(await temporaryFolder(), "x".repeat(120));
  await relayFixture({ data });
  expect((await askRelay(data, { ask: "settings" }))?.type).toBe("settings");
});

test("nonsense ends the connection without an answer, and the relay goes on", async () => {
  const { data } = await relayFixture();
  for (const bytes of ["\n", "{}\n", '{"ask":"stop"}\n', "GET / HTTP/1.1\r\n\r\n", "x".repeat(MAX_REQUEST_BYTES + 1)]) {
    expect(await say(data, bytes)).toBe("");
  }
  expect((await askRelay(data, { ask: "status" }))?.type).toBe("status");
});

test("whatever is said is a request of the list or nothing", () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
      const request = parseControlRequest(text);
      if (request !== undefined) expect(JSON.parse(text)).toEqual(request);
    }),
  );
  const requests: readonly ControlRequest[] = [
    ...[{ ask: "status" } as const, { ask: "settings" } as const, { ask: "reload" } as const],
    { ask: "backup", folder: "/a", keep: 7 },
  ];
  for (const request of requests) {
    expect(parseControlRequest(JSON.stringify(request))).toEqual(request);
    expect(parseControlRequest(JSON.stringify({ ...request, more: 1 }))).toBeUndefined();
  }
  for (const keep of [0, -1, 1.5, 1001, "7"])
    expect(parseControlRequest(JSON.stringify({ ask: "backup", folder: "/a", keep }))).toBeUndefined();
});
