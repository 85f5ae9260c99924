import { readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryHomes } from "../testing/temporary-home.ts";
import { nodeFiles } from "./node-files.ts";

const newFolder = temporaryHomes();
const DESCRIPTION = { name: "a", type: "", size: 3 };

test("a source gives any part of its file, and less at its end", async () => {
  const path = join(await newFolder(), "a.txt");
  await writeFile(path, "hello");
  const source = await nodeFiles.openSource(path);
  expect({ name: source.name, type: source.type, size: source.size }).toEqual({
    name: "a.txt",
    type: "text/plain",
    size: 5,
  });
  expect(Buffer.from(await source.read(1, 3)).toString()).toBe("ell");
  expect(Buffer.from(await source.read(3, 10)).toString()).toBe("lo");
  expect((await source.read(9, 1)).length).toBe(0);
  await source.close();
});

test("a sink fills the file that was made for it and gives its path", async () => {
  const path = join(await newFolder(), "a");
  await writeFile(path, "");
  const sink = await nodeFiles.openSink(path, DESCRIPTION);
  await sink.write(Uint8Array.of(97));
  await sink.write(Uint8Array.of(98, 99));
  expect(await sink.close()).toBe(path);
  expect(await readFile(path, "utf8")).toBe("abc");
});

test("an aborted sink leaves no file", async () => {
  const path = join(await newFolder(), "a");
  await writeFile(path, "");
  const sink = await nodeFiles.openSink(path, DESCRIPTION);
  await sink.write(Uint8Array.of(97));
  await sink.abort();
  await expect(stat(path)).rejects.toMatchObject({ code: "ENOENT" });
});

test("a sink makes no file and follows no link", async () => {
  const folder = await newFolder();
  await writeFile(join(folder, "precious"), "keep");
  await symlink(join(folder, "precious"), join(folder, "link"));
  await expect(nodeFiles.openSink(join(folder, "absent"), DESCRIPTION)).rejects.toMatchObject({ code: "ENOENT" });
  await expect(nodeFiles.openSink(join(folder, "link"), DESCRIPTION)).rejects.toMatchObject({ code: "ELOOP" });
  expect(await readFile(join(folder, "precious"), "utf8")).toBe("keep");
});

test("what is no path is refused", async () => {
  await expect(nodeFiles.openSource({ path: "x" })).rejects.toBeInstanceOf(RangeError);
});
