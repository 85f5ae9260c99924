import { readFileSync } from "node:fs";
import { join } from "node:path";
import { filesBelow } from "./disk.ts";
import { encodingsOf, type Secret } from "./secrets.ts";

/** One form of a secret. */
interface Needle {
  readonly what: string;
  readonly bytes: Buffer;
}

const FIRST_BYTES = 3;

/**
 * Where the files below a folder, or their names, hold any of the secrets, in any encoding. Looks for all at once, so that
 * a thousand secrets in a container take a second.
 */
export function findTraces(folder: string, secrets: readonly Secret[]): readonly string[] {
  const byStart = new Map<number, Needle[]>();
  // A bit for each beginning: small enough for the processor's cache.
  const starts = new Uint8Array(1 << (8 * FIRST_BYTES - 3));
  for (const { what, bytes } of secrets) {
    for (const [encoding, needle] of encodingsOf(bytes)) {
      const start = needle.readUIntBE(0, FIRST_BYTES);
      starts[start >> 3] = (starts[start >> 3] ?? 0) | (1 << (start & 7));
      byStart.set(start, [...(byStart.get(start) ?? []), { what: `${what} (${encoding})`, bytes: needle }]);
    }
  }
  const found = new Set<string>();
  for (const path of filesBelow(folder)) {
    const content = Buffer.concat([Buffer.from(`${path}\n`), readFileSync(join(folder, path))]);
    let last = 0;
    for (let at = 0; at < content.length; at += 1) {
      last = ((last << 8) | (content[at] ?? 0)) & 0xffffff;
      if (((starts[last >> 3] ?? 0) & (1 << (last & 7))) === 0) continue;
      for (const { what, bytes } of byStart.get(last) ?? []) {
        const begin = at - FIRST_BYTES + 1;
        if (content.subarray(begin, begin + bytes.length).equals(bytes)) found.add(`${what} in ${path}`);
      }
    }
  }
  return [...found].sort();
}
