import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { describeBlockFiles } from "@stonechat/testkit/block-files-contract";
import { openNodeBlockFiles } from "./node-block-files.ts";

async function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "block-files-"));
}

describeBlockFiles("Node", async () => {
  const path = await temporaryFolder();
  const files = await openNodeBlockFiles(join(path, "profile"));
  return {
    files,
    close: async () => {
      files.close();
      await rm(path, { recursive: true });
    },
  };
});

test("only the owner may look into the folder and the files", async () => {
  const path = await temporaryFolder();
  const files = await openNodeBlockFiles(join(path, "profile"));
  onTestFinished(async () => {
    files.close();
    await rm(path, { recursive: true });
  });
  (await files.open("main")).close();
  const modes = await Promise.all(
    ["profile", "profile/main", "profile/.lock"].map(async (name) => stat(join(path, name))),
  );
  expect(modes.map(({ mode }) => (mode & 0o777).toString(8))).toEqual(["700", "600", "600"]);
});

test("a folder has one holder at a time", async () => {
  const path = await temporaryFolder();
  onTestFinished(async () => rm(path, { recursive: true }));
  const first = await openNodeBlockFiles(path);
  await expect(openNodeBlockFiles(path)).rejects.toMatchObject({ code: "busy" });
  first.close();
  (await openNodeBlockFiles(path)).close();
});

test("a path that cannot be a folder is an io error", async () => {
  const path = await temporaryFolder();
  onTestFinished(async () => rm(path, { recursive: true }));
  const files = await openNodeBlockFiles(path);
  (await files.open("main")).close();
  files.close();
  await expect(openNodeBlockFiles(join(path, "main"))).rejects.toMatchObject({ code: "io" });
});
