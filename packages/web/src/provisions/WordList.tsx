import type { ReactNode } from "react";
import { formatNumber } from "../locales/format.ts";
import css from "./WordList.module.css";

/** Secret words in their order. English in every language, so they run from left to right. */
export function WordList({ words, label }: { readonly words: readonly string[]; readonly label: string }): ReactNode {
  return (
    <ol className={css["words"]} dir="ltr" lang="en" aria-label={label}>
      {words.map((word, index) => (
        <li key={index}>
          <span className={css["number"]} aria-hidden="true">
            {formatNumber(index + 1)}
          </span>
          {word}
        </li>
      ))}
    </ol>
  );
}
