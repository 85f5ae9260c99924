const MAX_LENGTH = 120;
// Path separators, what Windows forbids, controls, and characters that turn the direction of text or cannot be seen.
const FORBIDDEN = /[/\\:*?"<>|\p{Cc}\p{Cf}\u2028\u2029]/gu;
const RESERVED = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/** A file name from a message, made safe to save: no path, no leading dot or dash, no trick with direction, not too long. */
export function safeFileName(name: string): string {
  const plain = name
    .normalize("NFC")
    .replaceAll(FORBIDDEN, "_")
    .replace(/^[\s.-]+/, "")
    .replace(/[\s.]+$/, "");
  if (plain === "" || RESERVED.test(plain)) return `file_${plain}`.replace(/_$/, "");
  if (plain.length <= MAX_LENGTH) return plain;
  const dot = plain.lastIndexOf(".");
  const ending = dot > 0 && plain.length - dot <= 12 ? plain.slice(dot) : "";
  return `${plain.slice(0, MAX_LENGTH - ending.length).toWellFormed()}${ending}`;
}

/** A file name to look at: characters that turn direction or cannot be seen are spelled out. */
export function visibleFileName(name: string): string {
  return name.replaceAll(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (char) => `[U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}]`,
  );
}
