import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findMarkers } from "./home-scan.ts";
import { temporaryHomes } from "./temporary-home.ts";

const newHome = temporaryHomes();
const MARKER = "Zebrafish? no: Ébène";

test.each([
  ["UTF-8", MARKER],
  ["UTF-16LE", Buffer.from(MARKER, "utf16le")],
  ["UTF-16BE", Buffer.from(MARKER, "utf16le").swap16()],
  ["hex", Buffer.from(MARKER).toString("hex")],
  ["HEX", Buffer.from(MARKER).toString("hex").toUpperCase()],
  ["base64", Buffer.from(`x${MARKER}y`).toString("base64")],
  ["base64url", Buffer.from(`xy${MARKER}z`).toString("base64url")],
])("a marker in %s is found", async (_form, content) => {
  const home = await newHome();
  await writeFile(join(home, "file"), Buffer.concat([Buffer.alloc(1000, 7), Buffer.from(content)]));
  expect((await findMarkers(home, [MARKER, "something else"])).map(({ marker }) => marker)).toContain(MARKER);
  expect(await findMarkers(home, ["something else"])).toEqual([]);
});
