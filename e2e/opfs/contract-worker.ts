/** Runs the contract of block files over the browser's private file system, and tells the page how it went. */
import { describeBlockFiles } from "../../packages/testkit/src/block-files-contract.ts";
import { openOpfsBlockFiles } from "../../packages/web/src/platform/opfs-block-files.ts";
import { runTests } from "./small-vitest.ts";

let folders = 0;

describeBlockFiles("OPFS", async () => {
  folders += 1;
  const folder = `contract-${folders}`;
  const root = await navigator.storage.getDirectory();
  await root.removeEntry(folder, { recursive: true }).catch(() => undefined); // not there: as it should be
  return { files: await openOpfsBlockFiles(folder), close: () => Promise.resolve() };
});

postMessage(await runTests());
