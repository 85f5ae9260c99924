import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import english from "../locales/en.json";

const document = readFileSync(resolve(import.meta.dirname, "../../../../docs/PINS.md"), "utf8").replaceAll(/\s+/g, " ");
const texts = Object.entries(english).filter(
  ([id]) => id.startsWith("pins.") && id !== "pins.does" && id !== "pins.does-not",
);

test.each(texts)("the document says what the app says: %s", (_id, text) => {
  expect(document).toContain(text);
});
