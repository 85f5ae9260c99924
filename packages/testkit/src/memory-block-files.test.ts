import { expect, test } from "vitest";
import { describeBlockFiles } from "./block-files-contract.ts";
import { MemoryBlockFiles } from "./memory-block-files.ts";

describeBlockFiles("memory", async () =>
  Promise.resolve({ files: new MemoryBlockFiles(1), close: async () => Promise.resolve() }),
);

test("a crash drops what no flush covered, and keeps what one did", async () => {
  const disk = new MemoryBlockFiles(1);
  const file = await disk.open("a");
  file.write(Uint8Array.of(1, 1), 0);
  file.flush();
  file.write(Uint8Array.of(2, 2), 1);
  disk.crash("drop");
  expect([...disk.contents("a")]).toEqual([1, 1]);
});

test("a torn write leaves whole sectors of old and new", async () => {
  const outcomes = new Set<string>();
  for (let seed = 0; seed < 50; seed += 1) {
    const disk = new MemoryBlockFiles(seed);
    const file = await disk.open("a");
    file.write(new Uint8Array(1024), 0);
    file.flush();
    file.write(new Uint8Array(1024).fill(1), 0);
    disk.crash("tear");
    const found = disk.contents("a");
    for (const sector of [found.subarray(0, 512), found.subarray(512)]) expect(new Set(sector).size).toBe(1);
    outcomes.add(`${String(found[0])}${String(found[512])}`);
  }
  expect([...outcomes].sort()).toEqual(["00", "01", "10", "11"]);
});

test("a power cut fails everything until the crash", async () => {
  const disk = new MemoryBlockFiles(1);
  const file = await disk.open("a");
  disk.decide = ({ number }) => (number === 1 ? "power-cut" : undefined);
  file.write(Uint8Array.of(1), 0);
  for (let attempt = 0; attempt < 3; attempt += 1) {
    expect(() => {
      file.flush();
    }).toThrow(expect.objectContaining({ code: "io" }) as Error);
  }
  disk.crash("drop");
  expect([...disk.contents("a")]).toEqual([]);
  const again = await disk.open("a");
  again.write(Uint8Array.of(1), 0);
  again.flush();
});

test("growth beyond the capacity is refused as full, and works once there is space", async () => {
  const disk = new MemoryBlockFiles(1);
  disk.capacity = 10;
  const file = await disk.open("a");
  file.write(new Uint8Array(10), 0);
  expect(() => {
    file.write(Uint8Array.of(1, 2), 9);
  }).toThrow(expect.objectContaining({ code: "full" }) as Error);
  disk.capacity = 11;
  file.write(Uint8Array.of(1, 2), 9);
  expect(file.size()).toBe(11);
});
