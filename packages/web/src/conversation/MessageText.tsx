import { useMemo, type ReactNode } from "react";
import { findLinks } from "../text/find-links.ts";
import { askToLeave } from "./leaving.ts";

/** A message's words. Always text: the only thing made of it are links to http, https and mailto. */
export function MessageText({ text }: { readonly text: string }): ReactNode {
  const parts = useMemo(() => findLinks(text), [text]);
  return parts.map((part, index) =>
    part.type === "text" ? (
      part.text
    ) : (
      <a
        key={index}
        href={part.href}
        rel="noreferrer noopener"
        target="_blank"
        dir="auto"
        onClick={(event) => {
          event.preventDefault();
          askToLeave(part.href);
        }}
      >
        {part.text}
      </a>
    ),
  );
}
