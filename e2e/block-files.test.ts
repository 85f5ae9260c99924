import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { expect, test } from "vitest";
import { build } from "vite";
import { Browser } from "./actors/browser.ts";
import { openStage } from "./actors/stage.ts";

interface Result {
  readonly name: string;
  readonly problem: string | undefined;
}

const stage = openStage();
const folder = import.meta.dirname;

test("block files in the browser's private file system keep the contract", async () => {
  await build({
    configFile: false,
    root: folder,
    logLevel: "error",
    resolve: { alias: { vitest: join(folder, "opfs/small-vitest.ts") } },
    build: {
      outDir: join(stage.folder, "built"),
      target: "esnext",
      minify: false,
      rolldownOptions: { input: join(folder, "opfs/contract-worker.ts"), output: { entryFileNames: "worker.js" } },
    },
  });
  const worker = readFileSync(join(stage.folder, "built/worker.js"));
  const server = createServer((request, response) => {
    const script = request.url === "/worker.js";
    response.writeHead(200, { "content-type": script ? "text/javascript" : "text/html" });
    response.end(script ? worker : "<!doctype html><link rel=icon href=data:,><title>Contract</title>");
  }).listen(0, "127.0.0.1");
  stage.ends(server, (one) => one.close());
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new RangeError("a TCP server has an address");
  const url = `http://127.0.0.1:${address.port}/`;
  const browser = stage.ends(await Browser.open(stage.folder, "contract", url), (one) => one.close());
  const results = await browser.page.evaluate(
    () =>
      new Promise<readonly Result[]>((resolve, reject) => {
        const running = new Worker("/worker.js", { type: "module" });
        running.addEventListener("message", ({ data }) => {
          resolve(data as readonly Result[]); // our own worker sends nothing else
        });
        running.addEventListener("error", ({ message }) => {
          reject(new Error(message));
        });
      }),
  );
  expect(results.filter(({ problem }) => problem !== undefined)).toEqual([]);
  expect(results.length).toBeGreaterThan(15);
});
