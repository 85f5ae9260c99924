import { MemoryBlockFiles } from "@stonechat/testkit/memory-block-files";
import { expect, test } from "vitest";
import { SharedFiles } from "./shared-files.ts";

test("a file that two have open is closed by the second of them, and can then be opened by anybody", async () => {
  const disk = new MemoryBlockFiles(1);
  const shared = new SharedFiles(disk);
  const [first, second] = await Promise.all([shared.open("a"), shared.open("a")]);
  first.write(Uint8Array.of(7), 0);
  first.close();
  first.close();
  expect(shared.isInUse("a")).toBe(true);
  const into = new Uint8Array(1);
  expect(second.read(into, 0)).toBe(1);
  expect(into[0]).toBe(7);
  await expect(disk.open("a")).rejects.toMatchObject({ code: "busy" });
  second.close();
  expect(shared.isInUse("a")).toBe(false);
  (await disk.open("a")).close();
});

test("a file that cannot be opened is not in use afterwards", async () => {
  const disk = new MemoryBlockFiles(1);
  const other = await disk.open("a");
  const shared = new SharedFiles(disk);
  await expect(shared.open("a")).rejects.toMatchObject({ code: "busy" });
  expect(shared.isInUse("a")).toBe(false);
  other.close();
  (await shared.open("a")).close();
});
