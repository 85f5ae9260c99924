import { useState, type ReactNode } from "react";
import { Field } from "../design/Field.tsx";
import { Sheet } from "../design/Sheet.tsx";
import { language, t, type TextId } from "../locales/texts.ts";
import { EMOJI_GROUPS, findEmoji, type Emoji } from "./emoji-data.ts";
import css from "./EmojiSheet.module.css";

interface EmojiSheetProps {
  readonly onPick: (emoji: string) => void;
  readonly onClose: () => void;
}

/** All emoji the app offers, by group and by name. Built in: nothing is fetched from elsewhere. */
export function EmojiSheet({ onPick, onClose }: EmojiSheetProps): ReactNode {
  const [query, setQuery] = useState("");
  const found = query.trim() === "" ? undefined : findEmoji(query);
  return (
    <Sheet title={t("emoji.title")} open onClose={onClose}>
      <Field label={t("emoji.search")} value={query} onChange={setQuery} type="search" autoFocus autoComplete="off" />
      {found?.length === 0 && <p role="status">{t("emoji.none")}</p>}
      {found !== undefined && found.length > 0 && <Grid label={t("emoji.found")} emoji={found} onPick={onPick} />}
      {found === undefined &&
        EMOJI_GROUPS.map((group) => (
          <section key={group.name} className={css["group"]}>
            <h3 className={css["title"]}>{t(`emoji.${group.name}` satisfies TextId)}</h3>
            <Grid label={t(`emoji.${group.name}` satisfies TextId)} emoji={group.emoji} onPick={onPick} />
          </section>
        ))}
    </Sheet>
  );
}

function Grid({
  label,
  emoji,
  onPick,
}: {
  readonly label: string;
  readonly emoji: readonly Emoji[];
  readonly onPick: (emoji: string) => void;
}): ReactNode {
  return (
    <ul className={css["grid"]} aria-label={label}>
      {emoji.map((one) => {
        const name = language() === "ar" ? one.ar : one.en;
        return (
          <li key={one.emoji}>
            <button
              type="button"
              className={css["emoji"]}
              aria-label={name}
              title={name}
              onClick={() => {
                onPick(one.emoji);
              }}
            >
              {one.emoji}
            </button>
          </li>
        );
      })}
    </ul>
  );
}
