import type { ReactNode } from "react";
import { t, type TextId } from "../locales/texts.ts";
import css from "./PinsText.module.css";

interface Chapter {
  readonly title: TextId;
  readonly does: readonly TextId[];
  readonly doesNot: readonly TextId[];
}

/** What docs/PINS.md says, in the same order. */
const CHAPTERS: readonly Chapter[] = [
  {
    title: "pins.own-title",
    does: ["pins.own-counted", "pins.own-blind", "pins.own-tells"],
    doesNot: ["pins.own-offline", "pins.own-forgotten", "pins.own-open", "pins.own-all"],
  },
  {
    title: "pins.duress-title",
    does: ["pins.duress-opens", "pins.duress-destroys", "pins.duress-looks"],
    doesNot: [
      "pins.duress-known",
      "pins.duress-contradicted",
      "pins.duress-cheats",
      "pins.duress-blocked",
      "pins.duress-broken",
    ],
  },
  {
    title: "pins.hidden-title",
    does: ["pins.hidden-beside"],
    doesNot: ["pins.hidden-copies", "pins.hidden-guard", "pins.hidden-opened"],
  },
  { title: "pins.phrase-title", does: ["pins.phrase-offline"], doesNot: ["pins.phrase-nothing"] },
  { title: "pins.lock-title", does: ["pins.lock-memory"], doesNot: ["pins.lock-others", "pins.lock-browser"] },
];
const NEVER: readonly TextId[] = [
  "pins.never-used",
  "pins.never-malware",
  "pins.never-quantum",
  "pins.never-law",
  "pins.never-home",
];
const BEFORE: readonly TextId[] = [
  "pins.before-random",
  "pins.before-rehearse",
  "pins.before-travel",
  "pins.before-off",
];

/** What the PINs do and do not do, in plain words. Stands alone, for before a vault is made too. */
export function PinsText(): ReactNode {
  return (
    <div className={css["text"]}>
      <p className={css["lead"]}>{t("pins.lead")}</p>
      {CHAPTERS.map(({ title, does, doesNot }) => (
        <section key={title} className={css["chapter"]}>
          <h2>{t(title)}</h2>
          <h3>{t("pins.does")}</h3>
          <Points ids={does} />
          <h3>{t("pins.does-not")}</h3>
          <Points ids={doesNot} />
        </section>
      ))}
      <section className={css["chapter"]}>
        <h2>{t("pins.never-title")}</h2>
        <Points ids={NEVER} />
      </section>
      <section className={css["chapter"]}>
        <h2>{t("pins.before-title")}</h2>
        <Points ids={BEFORE} />
      </section>
    </div>
  );
}

function Points({ ids }: { readonly ids: readonly TextId[] }): ReactNode {
  return (
    <ul className={css["points"]}>
      {ids.map((id) => (
        <li key={id}>{t(id)}</li>
      ))}
    </ul>
  );
}
