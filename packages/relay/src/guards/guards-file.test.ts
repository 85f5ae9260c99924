import { guardList, toBase64Url, toHex } from "@stonechat/protocol";
import { initCrypto, sha256 } from "@stonechat/crypto/issuer";
import { beforeAll, expect, test } from "vitest";
import { noGuards, parseGuardsFile, publishGuards } from "./guards-file.ts";

beforeAll(initCrypto);

const key = (n: number): Uint8Array => new Uint8Array(1216).fill(n);
const guard = (n: number, more: Readonly<Record<string, unknown>> = {}) => ({
  ...{ name: `Guard ${String(n)}`, operator: "Somebody", url: `https://guard${String(n)}.example` },
  publicKey: toBase64Url(key(n)),
  ...more,
});
const file = (threshold: unknown, guards: readonly unknown[], more = {}): string =>
  JSON.stringify({ threshold, guards, ...more });

test("a list is published as it stands in the file, and passed on by the hash of each key", () => {
  const { list, targets } = publishGuards(parseGuardsFile(file(2, [guard(1), guard(2), guard(3)])));
  const published = guardList.decode(list);
  expect(published.threshold).toBe(2);
  expect(published.guards.map(({ url }) => url)).toEqual([1, 2, 3].map((n) => `https://guard${String(n)}.example`));
  expect(targets.get(toHex(sha256(key(2))))).toBe("https://guard2.example");
  expect(targets.size).toBe(3);
});

test("a relay without guards publishes an empty list and passes nothing on", () => {
  const { list, targets } = noGuards();
  expect(guardList.decode(list)).toEqual({ threshold: 0, guards: [] });
  expect(targets.size).toBe(0);
});

const three = [guard(1), guard(2), guard(3)];
test.each([
  ["no JSON", "{"],
  ["a list", "[]"],
  ["another field", file(2, three, { quorum: 2 })],
  ["no guards", file(1, [])],
  ["six guards", file(4, [...three, guard(4), guard(5), guard(6)])],
  ["a threshold of half of them: the duress PIN would have no force", file(2, [...three, guard(4)])],
  ["a threshold below half", file(1, three)],
  ["a threshold of none", file(0, three)],
  ["a threshold above their number", file(4, three)],
  ["a threshold that is no whole number", file(1.5, [guard(1)])],
  ["a threshold in words", file("2", three)],
  ["one key twice", file(2, [guard(1), guard(1), guard(3)])],
  ["a key of another length", file(1, [guard(1, { publicKey: toBase64Url(key(1).subarray(1)) })])],
  ["a key that is no base64url", file(1, [guard(1, { publicKey: "====" })])],
  ["a url with a path", file(1, [guard(1, { url: "https://guard.example/x" })])],
  ["a url of another kind", file(1, [guard(1, { url: "ftp://guard.example" })])],
  ["a guard without a name", file(1, [guard(1, { name: undefined })])],
  ["a guard with another field", file(1, [guard(1, { secret: 1 })])],
])("is refused with %s", (_what, text) => {
  expect(() => parseGuardsFile(text)).toThrow(expect.objectContaining({ code: "bad-config", field: "guards" }));
});

test("is refused with names that are too long for clients", () => {
  const input = parseGuardsFile(file(1, [guard(1, { name: "ü".repeat(33) })]));
  expect(() => publishGuards(input)).toThrow(expect.objectContaining({ code: "bad-config" }));
});
