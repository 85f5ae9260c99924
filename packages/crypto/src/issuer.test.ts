import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as issuer from "./issuer.ts";

/** The files of this package that a file needs, by reading their import lines. */
function reachableFrom(start: string): Set<string> {
  const seen = new Set<string>();
  const open = [new URL(start, import.meta.url).href];
  for (let url = open.pop(); url !== undefined; url = open.pop()) {
    if (seen.has(url)) continue;
    seen.add(url);
    for (const [, target] of readFileSync(new URL(url), "utf8").matchAll(/from "(\.[^"]+)"/g)) {
      if (target !== undefined) open.push(new URL(target, url).href);
    }
  }
  return new Set([...seen].map((url) => url.slice(url.lastIndexOf("/") + 1)));
}

test("what the relay imports reaches no file that opens a ciphertext or holds a private key of a client", () => {
  const files = reachableFrom("./issuer.ts");
  expect(files).toContain("hash.ts");
  for (const file of ["aead.ts", "hpke.ts", "kem.ts", "stream.ts", "signature.ts", "mls-primitives.ts", "index.ts"]) {
    expect(files).not.toContain(file);
  }
});

test("the reader of imports finds what the client reaches, so that the test above can fail", () => {
  expect(reachableFrom("./index.ts")).toContain("aead.ts");
});

test("the relay gets exactly this", () => {
  expect(Object.keys(issuer).sort()).toEqual([
    "InvariantError",
    "KeyError",
    "SHA256_BYTES",
    "VOPRF_ELEMENT_BYTES",
    "VOPRF_OUTPUT_BYTES",
    "VOPRF_PROOF_BYTES",
    "VOPRF_SCALAR_BYTES",
    "createSha256",
    "equalSecrets",
    "initCrypto",
    "sha256",
    "systemRandom",
    "voprfDeriveKeyPair",
    "voprfEvaluate",
    "wipe",
  ]);
});
