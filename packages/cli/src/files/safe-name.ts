/** Longest name in UTF-8 bytes that we write: below every file system's 255, with room for a number that makes it unique. */
export const MAX_NAME_BYTES = 200;

const FALLBACK = "file";
const RESERVED_ON_WINDOWS = /^(?:con|prn|aux|nul|clock\$|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])$/iu;
/** Controls, formats (bidirectional and zero-width among them), separators, surrogates, private use, unassigned. */
const UNSAFE = /[\p{C}\p{Zl}\p{Zp}\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0]/gu;
const RESERVED_CHARACTERS = /[<>:"|?*]/gu;

/**
 * Makes a name from others fit to be a file's name in a folder of ours, on every system: no folders, no leading dot or
 * dash, nothing a terminal or a shell listing would misread, no device name of Windows. Never empty. The same name gives
 * the same result, and a result stays as it is.
 */
export function safeName(name: string): string {
  const base = name.split(/[/\\]/u).at(-1) ?? "";
  const plain = base
    .normalize("NFC")
    .replace(UNSAFE, "_")
    .replace(RESERVED_CHARACTERS, "_")
    .replace(/[\p{Zs}\t]+/gu, " ");
  return guarded(cut(trimmed(plain)));
}

/** `photo.jpg` and 2 give `photo-2.jpg`. The number keeps the ending, by which programs choose how to open a file. */
export function numberedName(safe: string, number: number): string {
  const [stem, ending] = splitEnding(safe);
  return `${stem}-${String(number)}${ending}`;
}

function trimmed(name: string): string {
  return name.replace(/^[\s.\-~]+/u, "").replace(/[\s.]+$/u, "");
}

function cut(name: string): string {
  if (byteLength(name) <= MAX_NAME_BYTES) return name;
  const [stem, ending] = splitEnding(name);
  const kept = byteLength(ending) <= 40 ? ending : "";
  let shorter = "";
  let length = byteLength(kept);
  for (const character of kept === "" ? name : stem) {
    length += byteLength(character);
    if (length > MAX_NAME_BYTES) break;
    shorter += character;
  }
  return trimmed(`${shorter.trimEnd()}${kept}`);
}

function guarded(name: string): string {
  if (name === "") return FALLBACK;
  const stem = name.split(".")[0] ?? "";
  return RESERVED_ON_WINDOWS.test(stem.trimEnd()) ? `_${name}` : name;
}

function splitEnding(name: string): readonly [stem: string, ending: string] {
  const dot = name.lastIndexOf(".");
  return dot <= 0 ? [name, ""] : [name.slice(0, dot), name.slice(dot)];
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
