const PATTERN = /^(\d{10})\.(seg|idx)$/;
const DIGITS = 10;

/** The file of a segment. */
export function segmentName(number: number): string {
  return `${String(number).padStart(DIGITS, "0")}.seg`;
}

/** The file that lists a segment's entries. */
export function indexName(number: number): string {
  return `${String(number).padStart(DIGITS, "0")}.idx`;
}

/** A file while it is written: it takes its name when it is whole and durable. */
export function unfinishedName(name: string): string {
  return `${name}.new`;
}

/** What a file's name says it is. */
export function parseName(
  name: string,
):
  | { readonly kind: "seg" | "idx"; readonly number: number }
  | { readonly kind: "unfinished" }
  | { readonly kind: "other" } {
  const match = PATTERN.exec(name);
  if (match !== null) return { kind: match[2] === "seg" ? "seg" : "idx", number: Number(match[1]) };
  return { kind: name.endsWith(".new") ? "unfinished" : "other" };
}
