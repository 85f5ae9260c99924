import { ClientError } from "@stonechat/core/client-api";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { activateLanguage } from "../locales/texts.ts";
import { EndedCallError } from "../platform/remote-client.ts";
import { act } from "./act.ts";
import { dismissAll, readNotices } from "./notices.ts";

beforeAll(async () => {
  vi.stubGlobal("document", { documentElement: {} });
  await activateLanguage("en");
  vi.unstubAllGlobals();
});

afterEach(() => {
  dismissAll();
  vi.unstubAllGlobals();
});

test("a refusal is shown", async () => {
  expect(await act(() => Promise.reject(new ClientError("too-large")))).toBe(false);
  expect(readNotices()).toHaveLength(1);
});

test("what locking cut short leaves no line on the lock screen, and is no defect", async () => {
  const reportError = vi.fn();
  vi.stubGlobal("reportError", reportError);
  expect(await act(() => Promise.reject(new EndedCallError("ended")))).toBe(false);
  expect(readNotices()).toEqual([]);
  expect(reportError).not.toHaveBeenCalled();
});

test("a defect is shown, and the console has it", async () => {
  const reportError = vi.fn();
  vi.stubGlobal("reportError", reportError);
  const defect = new TypeError("broken");
  expect(await act(() => Promise.reject(defect))).toBe(false);
  expect(readNotices()).toHaveLength(1);
  expect(reportError).toHaveBeenCalledWith(defect);
});
