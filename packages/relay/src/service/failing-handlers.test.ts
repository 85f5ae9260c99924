import type { Request } from "@stonechat/protocol";
import { expect, test } from "vitest";
import { ask, logId, poolId, serviceFixture, settle, token } from "../testing/service-fixture.ts";

/** Each request that the store has a part in, and what of the store is made to fail under it. */
const REQUESTS: Readonly<Record<string, readonly [request: () => Request, part: "store" | "pools", method: string]>> = {
  create: [() => ask.create(5), "store", "create"],
  append: [() => ask.append(1, 5), "store", "append"],
  commit: [() => ask.commit(1, 5), "store", "commit"],
  read: [() => ask.read(1), "store", "read"],
  subscribe: [() => ask.subscribe(1), "store", "read"],
  destroy: [() => ({ type: "destroy", logId: logId(1), ownerToken: token("owner") }), "store", "destroy"],
  "pool-put": [() => ask.put(1, [1]), "pools", "put"],
  "pool-take": [() => ask.take(1), "pools", "take"],
  "pool-status": [() => ({ type: "pool-status", poolId: poolId(1), ownerToken: token("owner") }), "pools", "status"],
};
const FAILURES: Readonly<Record<string, () => Promise<never>>> = {
  "throws at once": () => {
    throw new TypeError("secret detail");
  },
  "fails later": () => Promise.reject(new TypeError("secret detail")),
};
const INTERNAL = { type: "error", code: "internal", seq: 0 };

for (const [name, [request, part, method]] of Object.entries(REQUESTS)) {
  for (const [how, fail] of Object.entries(FAILURES)) {
    test(`a ${name} under which the store ${how} fails alone: the next one and all others are answered as ever`, async () => {
      const { greet, lines, ...parts } = await serviceFixture();
      const [client, other] = [await greet(), await greet()];
      await client.ask(ask.create(1, "owner"));
      await client.ask(ask.put(1, [1, 2]));
      await other.ask(ask.create(2));
      await other.ask(ask.subscribe(2));
      const target = parts[part] as unknown as Record<string, unknown>;
      target[method] = fail; // hides the class's own until it is deleted
      expect(await client.ask(request())).toEqual(INTERNAL);
      Reflect.deleteProperty(target, method);
      expect((await client.ask(request())).type).not.toBe("error");
      expect(await other.ask(ask.append(2, 1))).toMatchObject({ type: "appended" });
      await settle();
      expect(other.seqs).toEqual([0]);
      expect([client.closedWith, other.closedWith, client.connection.idle]).toEqual([undefined, undefined, true]);
      expect(lines).toEqual([{ level: "error", event: "request-failed", request: name, error: "TypeError", code: "" }]);
    });
  }
}
