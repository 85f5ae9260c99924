import { useRef, useState, type ReactNode } from "react";
import { Confirm } from "../design/Sheet.tsx";
import { Icon } from "../design/icons.tsx";
import { t } from "../locales/texts.ts";
import css from "./EraseButton.module.css";

const HOLD_MS = 3_000;

/** Held for three seconds, by finger, mouse or key, it offers to destroy everything without any secret. */
export function EraseButton({ onErase }: { readonly onErase: () => void }): ReactNode {
  const [holding, setHolding] = useState(false);
  const [asking, setAsking] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const begin = (): void => {
    clearTimeout(timer.current);
    setHolding(true);
    timer.current = setTimeout(() => {
      setHolding(false);
      setAsking(true);
    }, HOLD_MS);
  };
  const end = (): void => {
    clearTimeout(timer.current);
    setHolding(false);
  };
  return (
    <>
      <button
        type="button"
        className={css["erase"]}
        data-holding={holding}
        aria-describedby="erase-hint"
        onPointerDown={begin}
        onPointerUp={end}
        onPointerLeave={end}
        onPointerCancel={end}
        onKeyDown={(event) => {
          if ((event.key === "Enter" || event.key === " ") && !event.repeat) begin();
          if (event.key === "Enter" || event.key === " ") event.preventDefault();
        }}
        onKeyUp={end}
        onBlur={end}
        onContextMenu={(event) => {
          event.preventDefault();
        }}
      >
        <Icon name="trash" size="small" />
        <span>{t("lock.erase")}</span>
      </button>
      <p id="erase-hint" className={css["hint"]}>
        {holding ? t("lock.erase-holding") : t("lock.erase-hint")}
      </p>
      <Confirm
        title={t("lock.erase-title")}
        text={<p>{t("lock.erase-text")}</p>}
        action={t("lock.erase-do")}
        open={asking}
        onClose={() => {
          setAsking(false);
        }}
        onConfirm={onErase}
      />
    </>
  );
}
