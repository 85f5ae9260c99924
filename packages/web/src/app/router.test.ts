import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { splitSafetyNumber } from "../contacts/split-safety-number.ts";
import { describeDevice } from "../platform/describe-device.ts";
import { mergeMessages } from "../state/merge-messages.ts";
import type { MessageView } from "@stonechat/core/client-api";
import { currentRoute, forgetTrail, goBack, navigate, parseRoute, startRouter } from "./router.ts";

const ID = "0123456789abcdef";

describe("routes", () => {
  test.each([
    ["#/", { screen: "list" }],
    [`#/c/${ID}`, { screen: "conversation", id: ID }],
    [`#/c/${ID}/about`, { screen: "about", id: ID }],
    ["#/settings", { screen: "settings" }],
    ["#/new-group", { screen: "new-group" }],
  ])("%s is understood when somebody types it", (fragment, route) => {
    expect(parseRoute(fragment)).toEqual(route);
  });

  test.each(["", "#", "#/", "#/nowhere", "#/c/", "#/c/../x", "#/c/<script>", "#i/abc"])(
    "%j leads to the list",
    (fragment) => {
      expect(parseRoute(fragment)).toEqual({ screen: "list" });
    },
  );
});

describe("the browser's history", () => {
  const written: string[] = [];
  const steps: unknown[] = [];
  let at = 0;
  let pop: () => void = () => undefined;
  const page = { hash: "" };

  beforeEach(() => {
    written.length = 0;
    steps.splice(0, steps.length, null);
    at = 0;
    page.hash = "";
    vi.stubGlobal("location", page);
    vi.stubGlobal("addEventListener", (_type: string, listener: () => void) => {
      pop = listener;
    });
    const keep = (state: unknown, _title: string, address: string): void => {
      steps[at] = state;
      page.hash = address;
      written.push(JSON.stringify(state), address);
    };
    vi.stubGlobal("history", {
      get state(): unknown {
        return steps[at];
      },
      replaceState: keep,
      pushState: (state: unknown, title: string, address: string) => {
        at += 1;
        steps.length = at;
        keep(state, title, address);
      },
      back: () => {
        at -= 1;
        pop();
      },
    });
    startRouter();
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  test("never learns which screen or conversation was open, and still leads back", () => {
    navigate({ screen: "conversation", id: ID });
    navigate({ screen: "about", id: ID });
    goBack({ screen: "list" });
    expect(currentRoute()).toEqual({ screen: "conversation", id: ID });
    goBack({ screen: "list" });
    expect(currentRoute()).toEqual({ screen: "list" });
    expect(new Set(written.filter((text) => !text.startsWith("{")))).toEqual(new Set(["#/"]));
    expect(written.join()).not.toContain(ID);
    expect(written.join()).not.toContain("about");
  });

  test("an address that was typed is followed and taken out at once", () => {
    steps.push(null);
    at += 1;
    page.hash = `#/c/${ID}`;
    pop();
    expect(currentRoute()).toEqual({ screen: "conversation", id: ID });
    expect(page.hash).toBe("#/");
  });

  test("after the trail is forgotten, going back leads to the list", () => {
    navigate({ screen: "conversation", id: ID });
    navigate({ screen: "settings" });
    forgetTrail();
    expect(currentRoute()).toEqual({ screen: "list" });
    goBack({ screen: "requests" });
    expect(currentRoute()).toEqual({ screen: "list" });
  });
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
