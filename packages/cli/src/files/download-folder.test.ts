import { mkdir, readFile, readlink, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryHomes } from "../testing/temporary-home.ts";
import { createDownload, discardDownload } from "./download-folder.ts";

const newHome = temporaryHomes();

test("two files of one name get two places, for this user only", async () => {
  const folder = join(await newHome(), "downloads");
  const one = await createDownload(folder, "a.txt");
  const two = await createDownload(folder, "a.txt");
  await one.handle.close();
  await two.handle.close();
  expect([one.path, two.path]).toEqual([join(folder, "a.txt"), join(folder, "a-2.txt")]);
  expect((await stat(one.path)).mode & 0o777).toBe(0o600);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
});

test("a link that lies in wait is never written through", async () => {
  const home = await newHome();
  const folder = join(home, "downloads");
  await mkdir(folder);
  const target = join(home, "precious");
  await writeFile(target, "keep");
  await symlink(target, join(folder, "a.txt"));
  await symlink(join(home, "absent"), join(folder, "a-2.txt"));
  const file = await createDownload(folder, "a.txt");
  await file.handle.writeFile("new");
  await file.handle.close();
  expect(file.path).toBe(join(folder, "a-3.txt"));
  expect(await readFile(target, "utf8")).toBe("keep");
  expect(await readlink(join(folder, "a-2.txt"))).toBe(join(home, "absent"));
});

test("a download folder that is a link is refused", async () => {
  const home = await newHome();
  await mkdir(join(home, "elsewhere"));
  await symlink(join(home, "elsewhere"), join(home, "downloads"));
  await expect(createDownload(join(home, "downloads"), "a.txt")).rejects.toMatchObject({ exitCode: 1 });
});

test("a discarded download leaves nothing", async () => {
  const folder = join(await newHome(), "downloads");
  const file = await createDownload(folder, "a.txt");
  await discardDownload(file);
  await expect(stat(file.path)).rejects.toMatchObject({ code: "ENOENT" });
});
