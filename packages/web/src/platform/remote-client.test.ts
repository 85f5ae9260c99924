import { ClientError, type Client, type ClientEvent } from "@stonechat/core/client-api";
import { describe, expect, expectTypeOf, test } from "vitest";
import { parseCall, parseWorkerMessage, toRefusal, type MissingMethods } from "./client-protocol.ts";
import type { Door } from "./door.ts";
import { createRemoteClient, type ClientPort, type RemoteClient } from "./remote-client.ts";
import { serveClient } from "./serve-client.ts";

/** Two ends of a border over which only structured clones go. */
function createBorder(): { readonly page: ClientPort; readonly worker: ClientPort } {
  const { port1, port2 } = new MessageChannel();
  const end = (port: MessagePort): ClientPort => ({
    postMessage: (message) => {
      port.postMessage(message);
    },
    addEventListener: (_type, listener) => {
      port.addEventListener("message", listener);
      port.start();
      (port as unknown as { unref?: () => void }).unref?.();
    },
  });
  return { page: end(port1), worker: end(port2) };
}

/** A page's end of a worker in which a vault is open, or none. The tests call no other method than they give. */
function serve(
  methods: Partial<Client> | undefined,
  door: Partial<Door> = {},
): Omit<RemoteClient, "ready"> & { readonly tell: (event: ClientEvent) => void } {
  const border = createBorder();
  const remote = createRemoteClient(border.page);
  serveClient(
    {
      door: door as Door,
      client: () => {
        if (methods === undefined) throw new ClientError("bad-value");
        return methods as Client;
      },
    },
    border.worker,
  );
  return Object.assign(remote, {
    tell: (event: ClientEvent) => {
      border.worker.postMessage({ type: "event", event });
    },
  });
}

describe("a client behind a border", () => {
  test("carries arguments and results, bytes and files among them", async () => {
    const seen: unknown[] = [];
    const { client } = serve({
      renameContact: (...args) => {
        seen.push(args);
        return Promise.resolve();
      },
      openAttachment: () => Promise.resolve(new Uint8Array([1, 2, 3])),
    });
    await client.renameContact("ab", "Bea");
    expect(seen).toEqual([["ab", "Bea"]]);
    expect(await client.openAttachment("a", "b", "c", undefined)).toEqual(new Uint8Array([1, 2, 3]));
  });

  test("brings a refusal over with its code", async () => {
    const { client } = serve({ setName: () => Promise.reject(new ClientError("too-long")) });
    const error: unknown = await client.setName("x").catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ClientError);
    expect(error).toMatchObject({ code: "too-long" });
  });

  test("says of a defect no more than its class", async () => {
    const { client } = serve({ setName: () => Promise.reject(new TypeError("Bea's secret")) });
    const error: unknown = await client.setName("x").catch((reason: unknown) => reason);
    expect(String(error)).toContain("TypeError");
    expect(String(error)).not.toContain("secret");
  });

  test("brings events over until the listener leaves", async () => {
    const { client, tell } = serve({ connection: () => Promise.resolve("online") });
    const heard: string[] = [];
    const leave = client.onEvent((event) => heard.push(event.type));
    tell({ type: "contacts-changed" });
    await client.connection();
    leave();
    tell({ type: "requests-changed" });
    await client.connection();
    expect(heard).toEqual(["contacts-changed"]);
  });

  test("fails what is under way when the worker is gone, and every later call", async () => {
    const { client, end } = serve({ connection: () => Promise.withResolvers<"online">().promise });
    const waiting = client.connection().catch((reason: unknown) => reason);
    end();
    expect(String(await waiting)).toContain("BrokenCallError");
    await expect(client.connection()).rejects.toThrow("ended");
  });
});

describe("a door behind a border", () => {
  test("takes a secret in, and gives no more than what came of it", async () => {
    const tried: string[] = [];
    const { door } = serve(undefined, {
      unlock: (secret) => {
        tried.push(secret);
        return Promise.resolve({ type: "wrong" });
      },
    });
    expect(await door.unlock("617204")).toEqual({ type: "wrong" });
    expect(tried).toEqual(["617204"]);
  });

  test("refuses every call of the client while no vault is open", async () => {
    const { client } = serve(undefined);
    await expect(client.account()).rejects.toMatchObject({ code: "bad-value" });
  });

  test("a call of the client does not reach the door, nor the reverse", () => {
    expect(parseCall({ type: "call", id: 0, method: "unlock", args: [""] })).toBeUndefined();
    expect(parseCall({ type: "ask", id: 0, method: "account", args: [] })).toBeUndefined();
  });
});

describe("the border", () => {
  test("lists every method of the client and of the door", () => {
    expectTypeOf<MissingMethods>().toEqualTypeOf<never>();
  });

  test.each([
    undefined,
    null,
    "call",
    [],
    {},
    { type: "call", id: 0, method: "constructor", args: [] },
    { type: "call", id: 0, method: "onEvent", args: [] },
    { type: "call", id: -1, method: "start", args: [] },
    { type: "call", id: 0.5, method: "start", args: [] },
    { type: "call", id: 0, method: "start", args: {} },
    { type: "call", id: 0, method: "start", args: [1, 2, 3, 4, 5] },
    { type: "call", id: 0, method: "start", args: [], extra: 1 },
  ])("drops %j as a call", (data) => {
    expect(parseCall(data)).toBeUndefined();
  });

  test.each([
    null,
    { type: "result" },
    { type: "refused", id: 1 },
    { type: "broken", id: 1 },
    { type: "event", event: {} },
    { type: "open-failed" },
    { type: "other", id: 1 },
  ])("drops %j as an answer", (data) => {
    expect(parseWorkerMessage(data)).toBeUndefined();
  });

  test("takes a call of the right shape", () => {
    const call = { type: "call", id: 3, method: "send", args: ["a", { text: "b" }] };
    expect(parseCall(call)).toEqual(call);
  });

  test("a refusal survives being written and read", () => {
    expect(parseWorkerMessage(toRefusal(7, new ClientError("empty")))).toEqual({
      type: "refused",
      id: 7,
      code: "empty",
    });
  });
});
