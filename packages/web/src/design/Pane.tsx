import type { ReactNode } from "react";
import css from "./Pane.module.css";

/** The scrolling part of a pane, at reading width. */
export function PaneBody({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <div className={css["body"]}>
      <div className={css["inner"]}>{children}</div>
    </div>
  );
}

interface SectionProps {
  readonly title?: string;
  readonly note?: string;
  readonly children: ReactNode;
}

/** Rows that belong together, on a card. */
export function Section({ title, note, children }: SectionProps): ReactNode {
  return (
    <section className={css["section"]}>
      {title !== undefined && <h2 className={css["sectionTitle"]}>{title}</h2>}
      <div className={css["card"]}>{children}</div>
      {note !== undefined && <p className={css["note"]}>{note}</p>}
    </section>
  );
}

interface EmptyProps {
  readonly picture: ReactNode;
  readonly title: string;
  readonly text: string;
  /** It is all there is on the page. */
  readonly alone?: boolean;
  readonly children?: ReactNode;
}

/** What stands where nothing is yet, and teaches what could be. */
export function Empty({ picture, title, text, alone = false, children }: EmptyProps): ReactNode {
  const Heading = alone ? "h1" : "h2";
  return (
    <div className={css["empty"]}>
      <div className={css["picture"]}>{picture}</div>
      <Heading className={css["emptyTitle"]}>{title}</Heading>
      <p className={css["emptyText"]}>{text}</p>
      {children !== undefined && <div className={css["emptyActions"]}>{children}</div>}
    </div>
  );
}
