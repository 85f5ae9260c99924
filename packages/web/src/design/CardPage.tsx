import type { ReactNode } from "react";
import { Mark } from "./Mark.tsx";
import css from "./CardPage.module.css";

interface CardPageProps {
  readonly title: string;
  readonly lead?: string;
  readonly mark?: boolean;
  readonly children: ReactNode;
}

/** A page with one thing to do: what stands before the app. */
export function CardPage({ title, lead, mark = true, children }: CardPageProps): ReactNode {
  return (
    <main className={css["page"]}>
      <div className={css["card"]}>
        {mark && <Mark size="large" />}
        <h1 className={css["title"]}>{title}</h1>
        {lead !== undefined && <p className={css["lead"]}>{lead}</p>}
        {children}
      </div>
    </main>
  );
}
