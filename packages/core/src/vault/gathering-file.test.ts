import { fc, test } from "@fast-check/vitest";
import { MemoryBlockFiles } from "@stonechat/testkit/memory-block-files";
import { expect } from "vitest";
import { GatheringFile } from "./gathering-file.ts";

const operations = fc.oneof(
  fc.record({ kind: fc.constant("write" as const), at: fc.nat(200), length: fc.nat(40), fill: fc.nat(255) }),
  fc.record({ kind: fc.constant("write" as const), at: fc.nat(200), length: fc.constant(70_000), fill: fc.nat(255) }),
  fc.record({ kind: fc.constant("append" as const), length: fc.nat(40), fill: fc.nat(255) }),
  fc.record({ kind: fc.constant("read" as const), at: fc.nat(300), length: fc.nat(300) }),
  fc.record({ kind: fc.constant("truncate" as const), size: fc.nat(250) }),
  fc.record({ kind: fc.constant("flush" as const) }),
);

test.prop([fc.array(operations, { maxLength: 60 })])(
  "a gathering file cannot be told from the file it writes to, and all of it is durable after a flush",
  async (history) => {
    const disk = new MemoryBlockFiles(1);
    const plain = await disk.open("plain");
    const gathering = new GatheringFile(await disk.open("gathered"));
    for (const operation of history) {
      for (const file of [plain, gathering]) {
        if (operation.kind === "write") file.write(new Uint8Array(operation.length).fill(operation.fill), operation.at);
        if (operation.kind === "append") file.write(new Uint8Array(operation.length).fill(operation.fill), file.size());
        if (operation.kind === "truncate") file.truncate(operation.size);
        if (operation.kind === "flush") file.flush();
      }
      if (operation.kind === "read") {
        const [a, b] = [new Uint8Array(operation.length), new Uint8Array(operation.length)];
        expect(gathering.read(a, operation.at)).toBe(plain.read(b, operation.at));
        expect(Buffer.compare(a, b)).toBe(0);
      }
      expect(gathering.size()).toBe(plain.size());
      if (operation.kind === "flush") expect(Buffer.compare(disk.contents("gathered"), disk.contents("plain"))).toBe(0);
    }
    gathering.flush();
    disk.crash("drop");
    plain.close();
    const durable = disk.contents("gathered");
    expect(durable.length).toBe(gathering.size());
  },
);

test("the hole before what was gathered reads as zeros", async () => {
  const disk = new MemoryBlockFiles(1);
  const file = new GatheringFile(await disk.open("a"));
  file.write(Uint8Array.of(7), 10);
  const into = Uint8Array.of(1, 1, 1);
  expect(file.read(into, 4)).toBe(3);
  expect([...into]).toEqual([0, 0, 0]);
});

test("writes side by side reach the file as one", async () => {
  const disk = new MemoryBlockFiles(1);
  const file = new GatheringFile(await disk.open("a"));
  for (let at = 0; at < 100; at += 1) file.write(Uint8Array.of(at), at);
  file.flush();
  file.flush();
  expect(disk.operations).toBe(2);
  expect([...disk.contents("a")]).toEqual(Array.from({ length: 100 }, (_, at) => at));
});

test("what could not be written is dropped, and the size is the file's own again", async () => {
  const disk = new MemoryBlockFiles(1);
  const file = new GatheringFile(await disk.open("a"));
  file.write(Uint8Array.of(1), 0);
  file.flush();
  file.write(Uint8Array.of(2, 3), 1);
  disk.capacity = 1;
  expect(() => {
    file.flush();
  }).toThrow(expect.objectContaining({ code: "full" }) as Error);
  expect(file.size()).toBe(1);
  disk.capacity = 10;
  file.write(Uint8Array.of(4), 1);
  file.flush();
  expect([...disk.contents("a")]).toEqual([1, 4]);
});
