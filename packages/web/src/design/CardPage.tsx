import { useEffect, useRef, type ReactNode } from "react";
import { Mark } from "./Mark.tsx";
import css from "./CardPage.module.css";

interface CardPageProps {
  readonly title: string;
  readonly lead?: string;
  readonly mark?: boolean;
  readonly children: ReactNode;
}

/** A page with one thing to do: what stands before the app. Its heading takes the focus unless a field has it. */
export function CardPage({ title, lead, mark = true, children }: CardPageProps): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // What had the focus is gone with the page before: what is next must be read out.
    if (document.activeElement === document.body) heading.current?.focus({ preventScroll: true });
  }, [title]);
  return (
    <main className={css["page"]}>
      <div className={css["card"]}>
        {mark && <Mark size="large" />}
        <h1 ref={heading} tabIndex={-1} className={css["title"]}>
          {title}
        </h1>
        {lead !== undefined && <p className={css["lead"]}>{lead}</p>}
        {children}
      </div>
    </main>
  );
}
