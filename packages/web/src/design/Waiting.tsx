import type { ReactNode } from "react";
import { cx } from "./cx.ts";
import css from "./Waiting.module.css";

/** Something is on its way and nobody knows how far it is. */
export function Waiting({ label }: { readonly label: string }): ReactNode {
  return (
    <div className={css["waiting"]} role="status">
      <span className={css["dots"]} aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      <span className={css["label"]}>{label}</span>
    </div>
  );
}

interface ProgressProps {
  readonly label: string;
  readonly done: number;
  readonly total: number;
  readonly still?: boolean;
}

/** How far a transfer is. */
export function Progress({ label, done, total, still = false }: ProgressProps): ReactNode {
  return (
    <progress
      className={cx(css["progress"], still && css["still"])}
      aria-label={label}
      value={done}
      max={Math.max(total, 1)}
    />
  );
}
