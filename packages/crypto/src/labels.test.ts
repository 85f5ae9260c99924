import { fc, test } from "@fast-check/vitest";
import { hex } from "@stonechat/testkit/hex";
import { expect } from "vitest";
import { LABELS, labelled, type FramedLabel, type Label } from "./labels.ts";

const all = Object.keys(LABELS) as Label[];
const framed = all.filter((label): label is FramedLabel => LABELS[label] !== "exporter");
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

test("no label begins with another, so no two are equal either", () => {
  const written = all.map((label) => (LABELS[label] === "exporter" ? label : `Stonechat 1.0 ${label}`));
  for (const [i, one] of written.entries()) {
    for (const [j, other] of written.entries()) {
      if (i !== j) expect(one.startsWith(other), `${one} begins with ${other}`).toBe(false);
    }
  }
});

test("no label could be one of MLS's own", () => {
  for (const label of all) expect(label).toMatch(/^[a-z][a-z0-9 ]*$/);
  for (const label of all) expect(label.startsWith("MLS ")).toBe(false);
  for (const label of all) expect(LABELS[label] === "exporter").toBe(label.startsWith("stonechat "));
});

test("a label is framed as the two vectors of PROTOCOL", () => {
  expect(hex(labelled("link", Uint8Array.of(1, 2)))).toBe(`12${hex(ascii("Stonechat 1.0 link"))}020102`);
});

test.each([
  [63, "3f"],
  [64, "4040"],
  [16_383, "7fff"],
  [16_384, "80004000"],
])("content of %i bytes has its shortest length", (length, prefix) => {
  const start = 1 + ascii("Stonechat 1.0 blob").length;
  expect(hex(labelled("blob", new Uint8Array(length)).subarray(start, start + prefix.length / 2))).toBe(prefix);
});

test.prop([fc.constantFrom(...framed), fc.constantFrom(...framed), fc.uint8Array(), fc.uint8Array()])(
  "two labels or contents never give the same bytes",
  (labelA, labelB, contentA, contentB) => {
    const same = labelA === labelB && hex(contentA) === hex(contentB);
    expect(hex(labelled(labelA, contentA)) === hex(labelled(labelB, contentB))).toBe(same);
  },
);
