/** A part of a message: plain text, or a link that a person may follow. */
export type TextPart =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "link"; readonly text: string; readonly href: string };

const MAX_LINK_LENGTH = 2_048;
// One pass, no nested quantifier: linear in the text's length.
// Not inside another scheme (`blob:https://…`) nor inside a word.
const CANDIDATE =
  /(?<![\p{L}\p{N}:@/._-])(?:https?:\/\/|mailto:|www\.)[^\s<>"`\\^{|}\u2066-\u2069\u202a-\u202e\u200b]+/giu;
const TRAILING = new Set([".", ",", ";", ":", "!", "?", "'", "*", "_", "~", "…", "،", "؛", "؟", "。", "”", "’", "»"]);
const BRACKETS: ReadonlyMap<string, string> = new Map([
  [")", "("],
  ["]", "["],
  ["）", "（"],
]);

/** Splits `text` at its links. Only http, https and mailto become links; nothing is fetched. */
export function findLinks(text: string): readonly TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  for (const match of text.matchAll(CANDIDATE)) {
    const shown = trimTrailing(match[0]);
    const href = toHref(shown);
    if (href === undefined) continue;
    if (match.index > end) parts.push({ type: "text", text: text.slice(end, match.index) });
    parts.push({ type: "link", text: shown, href });
    end = match.index + shown.length;
  }
  if (end < text.length) parts.push({ type: "text", text: text.slice(end) });
  return parts;
}

function toHref(shown: string): string | undefined {
  if (shown.length > MAX_LINK_LENGTH) return undefined;
  const address = /^www\./i.test(shown) ? `https://${shown}` : shown;
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  if (url.protocol === "mailto:") return url.pathname.includes("@") ? url.href : undefined;
  if (url.protocol !== "http:" && url.protocol !== "https:") return undefined;
  // `https://bank.example@evil.example/` is made to be misread.
  if (url.username !== "" || url.password !== "") return undefined;
  return url.hostname.includes(".") || url.hostname === "localhost" || url.hostname.startsWith("[")
    ? url.href
    : undefined;
}

/** A full stop or a closing bracket after an address belongs to the sentence, unless the bracket was opened inside. */
function trimTrailing(candidate: string): string {
  let end = candidate.length;
  const counts = new Map<string, number>();
  for (const char of candidate) counts.set(char, (counts.get(char) ?? 0) + 1);
  while (end > 0) {
    const last = candidate.charAt(end - 1);
    const opening = BRACKETS.get(last);
    const unbalanced = opening !== undefined && (counts.get(last) ?? 0) > (counts.get(opening) ?? 0);
    if (!unbalanced && !TRAILING.has(last)) break;
    counts.set(last, (counts.get(last) ?? 0) - 1);
    end -= 1;
  }
  return candidate.slice(0, end);
}
