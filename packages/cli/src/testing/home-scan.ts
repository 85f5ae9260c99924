import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** Where a marker was found, and in which form. */
export interface Found {
  readonly file: string;
  readonly marker: string;
  readonly form: string;
}

/**
 * Looks for texts in the bytes and in the name of every file below a folder: as UTF-8, UTF-16 in both orders, hex in both
 * cases, and base64 in both alphabets at each of the three places that a text can have in it.
 */
export async function findMarkers(folder: string, markers: readonly string[]): Promise<readonly Found[]> {
  const found: Found[] = [];
  const wanted = markers.flatMap((marker) =>
    [...forms(marker)].map(([form, bytes]) => ({ marker, form, bytes: Buffer.from(bytes) })),
  );
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const content = Buffer.concat([
      Buffer.from(`${entry.name}\n`),
      entry.isFile() ? await readFile(path) : Buffer.of(),
    ]);
    for (const { marker, form, bytes } of wanted)
      if (content.includes(bytes)) found.push({ file: entry.name, marker, form });
  }
  return found;
}

function forms(marker: string): ReadonlyMap<string, Uint8Array> {
  const utf8 = Buffer.from(marker);
  const utf16 = Buffer.from(marker, "utf16le");
  const hex = utf8.toString("hex");
  const named: [string, Uint8Array][] = [
    ["UTF-8", utf8],
    ["UTF-16LE", utf16],
    ["UTF-16BE", Buffer.from(utf16).swap16()],
    ["hex", Buffer.from(hex)],
    ["HEX", Buffer.from(hex.toUpperCase())],
  ];
  for (let shift = 0; shift < 3; shift += 1) {
    const base64 = Buffer.concat([Buffer.alloc(shift), utf8]).toString("base64");
    // The first and the last characters depend on what stands beside the text.
    const whole = base64.slice(shift === 0 ? 0 : 4).slice(0, Math.floor((utf8.length - 3) / 3) * 4);
    named.push([`base64+${String(shift)}`, Buffer.from(whole)]);
    named.push([`base64url+${String(shift)}`, Buffer.from(whole.replaceAll("+", "-").replaceAll("/", "_"))]);
  }
  return new Map(named);
}
