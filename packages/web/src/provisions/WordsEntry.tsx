import { lazy, Suspense, useRef, useState, type ReactNode } from "react";
import { WORDS } from "@stonechat/core/words";
import { Button } from "../design/Button.tsx";
import { cx } from "../design/cx.ts";
import { formatNumber } from "../locales/format.ts";
import { t } from "../locales/texts.ts";
import { completeWord, readWords } from "./words-entry.ts";
import css from "./Provisions.module.css";

const ScanSheet = lazy(async () => ({ default: (await import("../scan/ScanSheet.tsx")).ScanSheet }));

interface WordsEntryProps {
  readonly label: string;
  readonly hint: string;
  /** How many words there are in all. */
  readonly count: number;
  readonly value: string;
  readonly onChange: (text: string) => void;
  /** A QR code was read instead. */
  readonly onScanned: (text: string) => void;
}

/** Where secret words are typed: completes them, and marks what is no word of the list; or their QR code is scanned. */
export function WordsEntry({ label, hint, count, value, onChange, onScanned }: WordsEntryProps): ReactNode {
  const area = useRef<HTMLTextAreaElement>(null);
  const [scanning, setScanning] = useState(false);
  const { words, suggestions, known } = readWords(value, WORDS);
  const unknown = words.filter(({ state }) => state === "unknown").length;
  return (
    <div className={css["form"]}>
      <label className={css["entry"]}>
        <span>{label}</span>
        <textarea
          ref={area}
          rows={4}
          dir="ltr"
          lang="en"
          value={value}
          autoComplete="off"
          autoCapitalize="none"
          autoCorrect="off"
          spellCheck={false}
          aria-describedby="words-state"
          onChange={(event) => {
            onChange(event.currentTarget.value);
          }}
        />
      </label>
      <Suggestions
        words={suggestions}
        onChosen={(word) => {
          onChange(completeWord(value, word));
          area.current?.focus();
        }}
      />
      {words.length > 0 && (
        <p className={css["typed"]} dir="ltr" lang="en" aria-hidden="true">
          {words.map(({ text, state }, index) => (
            <span
              key={index}
              className={cx(state === "unknown" && css["unknown"], state === "typing" && css["typing"])}
            >
              {formatNumber(index + 1)}. {text}
            </span>
          ))}
        </p>
      )}
      <p id="words-state" role="status" className={css["soft"]}>
        {unknown > 0
          ? t("words.unknown", { count: unknown })
          : words.length === 0
            ? hint
            : t("words.known", { known: formatNumber(known), count: formatNumber(count) })}
      </p>
      <Button
        icon="scan"
        onPress={() => {
          setScanning(true);
        }}
      >
        {t("words.scan")}
      </Button>
      {scanning && (
        <Suspense fallback={null}>
          <ScanSheet
            title={t("words.scan")}
            onClose={() => {
              setScanning(false);
            }}
            onFound={(text) => {
              setScanning(false);
              onScanned(text);
            }}
          />
        </Suspense>
      )}
    </div>
  );
}

function Suggestions({
  words,
  onChosen,
}: {
  readonly words: readonly string[];
  readonly onChosen: (word: string) => void;
}): ReactNode {
  return (
    <div className={css["suggestions"]} role="group" aria-label={t("words.suggestions")}>
      {words.map((word) => (
        <Button
          key={word}
          onPress={() => {
            onChosen(word);
          }}
        >
          <span lang="en">{word}</span>
        </Button>
      ))}
    </div>
  );
}
