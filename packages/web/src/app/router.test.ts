import { describe, expect, test } from "vitest";
import { splitSafetyNumber } from "../contacts/split-safety-number.ts";
import { describeDevice } from "../platform/describe-device.ts";
import { mergeMessages } from "../state/merge-messages.ts";
import type { MessageView } from "@stonechat/core/client-api";
import { parseRoute, toFragment, type Route } from "./router.ts";

const ID = "0123456789abcdef";

describe("routes", () => {
  const routes: readonly Route[] = [
    { screen: "list" },
    { screen: "conversation", id: ID },
    { screen: "about", id: ID },
    { screen: "new" },
    { screen: "new-group" },
    { screen: "requests" },
    { screen: "settings" },
  ];
  test.each(routes)("$screen is found again from its fragment", (route) => {
    expect(parseRoute(toFragment(route))).toEqual(route);
  });

  test.each(["", "#", "#/", "#/nowhere", "#/c/", "#/c/../x", "#/c/<script>", "#i/abc"])(
    "%j leads to the list",
    (fragment) => {
      expect(parseRoute(fragment)).toEqual({ screen: "list" });
    },
  );
});

test("a safety number is twelve groups of five, however it was spaced", () => {
  const digits = "0123456789".repeat(6);
  expect(splitSafetyNumber(digits)).toHaveLength(12);
  expect(splitSafetyNumber(digits.replaceAll(/(.{5})/g, "$1 "))).toEqual(splitSafetyNumber(digits));
});

test("a device is named after its browser and system", () => {
  expect(describeDevice("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")).toBe(
    "Firefox, Linux",
  );
  expect(describeDevice("nothing known")).toBe("Browser");
});

test("merging keeps one view an id, the newer one, in the order of all devices", () => {
  const view = (id: string, order: number, text: string): MessageView =>
    ({ id, order, body: { type: "text", text } }) as unknown as MessageView; // nothing else is looked at
  const merged = mergeMessages([view("a", 1, "old"), view("c", 3, "c")], [view("b", 2, "b"), view("a", 1, "new")]);
  expect(merged.map(({ id, body }) => [id, body])).toEqual([
    ["a", { type: "text", text: "new" }],
    ["b", { type: "text", text: "b" }],
    ["c", { type: "text", text: "c" }],
  ]);
});
