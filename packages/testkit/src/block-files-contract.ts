import { afterEach, describe, expect, test } from "vitest";
import type { BlockFiles } from "@stonechat/core";

/** One empty set of block files, and what ends it. */
export type BlockFilesFixture = { readonly files: BlockFiles; readonly close: () => Promise<void> };

/** What every {@link BlockFiles} must do. Memory, Node's folder and OPFS all run it. */
export function describeBlockFiles(name: string, create: () => Promise<BlockFilesFixture>): void {
  describe(`${name}: block files`, () => {
    let fixture: BlockFilesFixture | undefined;
    const begin = async (): Promise<BlockFiles> => {
      fixture = await create();
      return fixture.files;
    };
    afterEach(async () => {
      await fixture?.close();
      fixture = undefined;
    });

    test("a new file is empty and exists", async () => {
      const files = await begin();
      expect(await files.exists("main")).toBe(false);
      const file = await files.open("main");
      expect(file.size()).toBe(0);
      expect(await files.exists("main")).toBe(true);
      file.close();
    });

    test("what was written is read back at the same place, and after reopening", async () => {
      const files = await begin();
      const file = await files.open("main");
      file.write(bytes(1, 2, 3, 4, 5), 10);
      file.write(bytes(9), 12);
      file.flush();
      file.close();
      const again = await files.open("main");
      expect(read(again, 10, 5)).toEqual([1, 2, 9, 4, 5]);
      expect(again.size()).toBe(15);
      again.close();
    });

    test("a gap reads as zeros", async () => {
      const file = await (await begin()).open("main");
      file.write(bytes(7), 5000);
      expect(read(file, 0, 5001)).toEqual([...Array<number>(5000).fill(0), 7]);
      file.close();
    });

    test("a read at the end is short and leaves the rest of the buffer alone", async () => {
      const file = await (await begin()).open("main");
      file.write(bytes(1, 2, 3), 0);
      const into = bytes(9, 9, 9, 9);
      expect(file.read(into, 1)).toBe(2);
      expect([...into]).toEqual([2, 3, 9, 9]);
      expect(file.read(into, 3)).toBe(0);
      expect(file.read(into, 100)).toBe(0);
      file.close();
    });

    test("only the bytes of a view are written, not the buffer around it", async () => {
      const file = await (await begin()).open("main");
      file.write(bytes(1, 2, 3, 4, 5).subarray(1, 3), 0);
      expect(read(file, 0, 5)).toEqual([2, 3]);
      file.close();
    });

    test("a write of nothing changes nothing, even beyond the end", async () => {
      const file = await (await begin()).open("main");
      file.write(bytes(), 10);
      expect(file.size()).toBe(0);
      file.close();
    });

    test("truncate cuts, and grows with zeros", async () => {
      const file = await (await begin()).open("main");
      file.write(bytes(1, 2, 3), 0);
      file.truncate(1);
      expect(file.size()).toBe(1);
      file.truncate(3);
      expect(read(file, 0, 10)).toEqual([1, 0, 0]);
      file.close();
    });

    test("a file that is open is not opened again, nor deleted", async () => {
      const files = await begin();
      const file = await files.open("main");
      await expect(files.open("main")).rejects.toMatchObject({ code: "busy" });
      await expect(files.delete("main")).rejects.toMatchObject({ code: "busy" });
      file.close();
      (await files.open("main")).close();
    });

    test("delete removes a file and does not mind an absent one", async () => {
      const files = await begin();
      (await files.open("main")).close();
      await files.delete("main");
      await files.delete("main");
      expect(await files.exists("main")).toBe(false);
      const file = await files.open("main");
      expect(file.size()).toBe(0);
      file.close();
    });

    test("list gives all names in order, open or not", async () => {
      const files = await begin();
      const open = await files.open("b-2");
      (await files.open("main.db")).close();
      (await files.open("a")).close();
      expect(await files.list()).toEqual(["a", "b-2", "main.db"]);
      open.close();
    });

    test("a closed file refuses, and closes twice without harm", async () => {
      const file = await (await begin()).open("main");
      file.close();
      file.close();
      expect(() => file.read(bytes(0), 0)).toThrow(expect.objectContaining({ code: "io" }) as Error);
      expect(() => {
        file.write(bytes(0), 0);
      }).toThrow(expect.objectContaining({ code: "io" }) as Error);
    });

    test.each(["", ".", "..", ".lock", "a/b", "a\\b", "A", "a\0", "é", "x".repeat(129)])(
      "%j is not a file name",
      async (bad) => {
        const files = await begin();
        await expect(files.open(bad)).rejects.toThrow(RangeError);
        await expect(files.exists(bad)).rejects.toThrow(RangeError);
        await expect(files.delete(bad)).rejects.toThrow(RangeError);
      },
    );
  });
}

function bytes(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values);
}

function read(file: { read(into: Uint8Array, at: number): number }, at: number, length: number): number[] {
  const into = new Uint8Array(length);
  return [...into.subarray(0, file.read(into, at))];
}
