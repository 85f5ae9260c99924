import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach } from "vitest";
import { photographAll } from "./browser.ts";
import { root } from "./processes.ts";

/** What must end with a file's tests: called in reverse order, each even if another failed. */
export interface Stage {
  /** A folder that is gone afterwards. */
  readonly folder: string;
  /** Something that must be ended. */
  ends<T>(thing: T, end: (thing: T) => unknown): T;
}

/** A stage for one file of tests; everything on it is gone when they are over. */
export function openStage(): Stage {
  // The folder holds Unix sockets, whose paths are short.
  const folder = mkdtempSync(join(tmpdir(), "sc-e2e-"));
  const endings: (() => unknown)[] = [];
  afterEach(async ({ task }) => {
    if (task.result?.state !== "fail") return;
    const pictures = join(root, "e2e/screenshots/failed");
    mkdirSync(pictures, { recursive: true });
    await photographAll(join(pictures, task.name.replaceAll(/\W+/g, "-").slice(0, 60)));
  });
  afterAll(async () => {
    for (const end of endings.reverse()) await Promise.resolve(end()).catch(() => undefined);
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    folder,
    ends(thing, end) {
      endings.push(() => end(thing));
      return thing;
    },
  };
}
