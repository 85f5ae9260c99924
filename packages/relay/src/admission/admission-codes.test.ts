import { join } from "node:path";
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { FrameClient } from "../testing/frame-client.ts";
import { relayFixture, temporaryFolder } from "../testing/relay-fixture.ts";
import { ask } from "../testing/service-fixture.ts";
import { createAdmissionCode, openAdmissionCodes } from "./admission-codes.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const DAY = 24 * 3600 * 1000;

test("a code admits as often and as long as it says, however it is typed", async () => {
  const folder = await temporaryFolder();
  const time = { now: 1000 };
  const clock = { now: () => time.now };
  const code = await createAdmissionCode(folder, { uses: 3, days: 2 }, clock);
  expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{1,4}){6}$/);
  const admission = openAdmissionCodes(join(folder, "admission.sqlite"), clock);
  expect(await admission.admit(bytes(code))).toBe(true);
  expect(await admission.admit(bytes(code.toLowerCase().replaceAll("-", " ")))).toBe(true);
  await admission.refund(bytes(code));
  expect(await admission.admit(bytes(code.replaceAll("-", "")))).toBe(true);
  expect(await admission.admit(bytes(code))).toBe(true);
  expect(await admission.admit(bytes(code))).toBe(false);
  const late = await createAdmissionCode(folder, { uses: 9, days: 1 }, clock);
  time.now += DAY;
  expect(await admission.admit(bytes(late))).toBe(false);
  for (const wrong of ["", "0000", `${code}0`, "\xff\xff"]) expect(await admission.admit(bytes(wrong))).toBe(false);
  admission.close();
});

test("codes differ, and only their hashes are kept", async () => {
  const folder = await temporaryFolder();
  const codes = await Promise.all(Array.from({ length: 20 }, () => createAdmissionCode(folder, { uses: 1, days: 1 })));
  expect(new Set(codes).size).toBe(20);
  const file = await readFile(join(folder, "admission.sqlite"), "latin1");
  for (const code of codes) for (const spelled of [code, code.replaceAll("-", "")]) expect(file).not.toContain(spelled);
});

test("a code made while the relay runs admits at once, and without one every refusal is the same", async () => {
  const { url, data } = await relayFixture({ admission: "code" });
  const client = await FrameClient.open(url);
  const create = (n: number, code: string) =>
    client.ask({ ...ask.create(n), admission: bytes(code) } as ReturnType<typeof ask.create>);
  const code = await createAdmissionCode(data, { uses: 1, days: 1 });
  const refused = { type: "error", code: "not-admitted", seq: 0 };
  expect(await create(1, "")).toEqual(refused);
  expect(await create(1, "WRNG-CODE")).toEqual(refused);
  expect(await create(1, code)).toEqual({ type: "done" });
  expect(await create(2, code)).toEqual(refused);
  expect(await create(1, "")).toEqual(refused);
});

test("counts that make no sense are our own mistake", async () => {
  const folder = await temporaryFolder();
  for (const terms of [
    { uses: 0, days: 1 },
    { uses: 1, days: 0 },
    { uses: 1.5, days: 1 },
  ]) {
    await expect(createAdmissionCode(folder, terms)).rejects.toThrow(RangeError);
  }
});
