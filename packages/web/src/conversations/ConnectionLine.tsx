import type { ReactNode } from "react";
import { Icon } from "../design/icons.tsx";
import { t, type TextId } from "../locales/texts.ts";
import { useLive } from "../state/live.ts";
import { connectionQuestion } from "../state/questions.ts";
import css from "./ConnectionLine.module.css";

/** Says when the relay is out of reach. Silent while all is well. */
export function ConnectionLine(): ReactNode {
  const { value: state } = useLive(connectionQuestion);
  const quiet = state === undefined || state === "online";
  return (
    <div role="status" className={css["place"]}>
      {!quiet && (
        <p className={css["line"]} data-state={state}>
          <Icon name={state === "outdated" ? "warning" : state === "offline" ? "offline" : "clock"} size="small" />
          <span>{t(`connection.${state}` satisfies TextId)}</span>
        </p>
      )}
    </div>
  );
}
