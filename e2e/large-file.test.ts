import { createHash, randomBytes } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { expect, test } from "vitest";
import { Relay } from "./actors/relay.ts";
import { openStage } from "./actors/stage.ts";
import { WebUser } from "./actors/web-user.ts";

const FILE_BYTES = 200 * 1000 * 1000;
const PART_BYTES = 1000 * 1000;
const PATIENCE_MS = 600_000;
const wanted = process.env["STONECHAT_E2E_LARGE"] === "1";

const stage = openStage();

function* parts(): Generator<Buffer> {
  for (let at = 0; at < FILE_BYTES; at += PART_BYTES) yield randomBytes(PART_BYTES);
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

test("200 MB go both ways between two browsers", { timeout: 2 * PATIENCE_MS }, async (context) => {
  if (!wanted) context.skip("it takes minutes; STONECHAT_E2E_LARGE=1 runs it");
  const relay = stage.ends(await Relay.start(stage.folder), (one) => one.stop());
  const [ann, bea] = await Promise.all([
    WebUser.join(stage.folder, "Ann", relay.url),
    WebUser.join(stage.folder, "Bea", relay.url),
  ]);
  for (const user of [ann, bea]) stage.ends(user, (one) => one.browser.close());
  await bea.pasteLink(await ann.makeLink());
  await ann.accept("Bea");
  await bea.openConversation("Ann");
  for (const [from, to, name] of [
    [ann, bea, "film.bin"],
    [bea, ann, "cut.bin"],
  ] as const) {
    const path = join(stage.folder, name);
    await pipeline(Readable.from(parts()), createWriteStream(path));
    const startedAt = performance.now();
    await from.sendFiles([path]);
    const saved = await to.save(name, PATIENCE_MS);
    const seconds = (performance.now() - startedAt) / 1000;
    console.log(`200 MB sent and saved in ${seconds.toFixed(1)} s`);
    expect(await digestOf(saved)).toBe(await digestOf(path));
  }
  expect([...ann.browser.problems, ...bea.browser.problems]).toEqual([]);
});
