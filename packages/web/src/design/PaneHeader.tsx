import { useEffect, useRef, type ReactNode } from "react";
import { goBack, wasNavigated, type Route } from "../app/router.ts";
import { t } from "../locales/texts.ts";
import { IconButton } from "./Button.tsx";
import css from "./PaneHeader.module.css";

interface PaneHeaderProps {
  readonly title: string;
  /** Where the back button leads if there is nothing to go back to; no button without it. */
  readonly parent?: Route;
  readonly children?: ReactNode;
}

/** The bar above a pane. Its heading takes the focus when the user came here, so that it is read out. */
export function PaneHeader({ title, parent, children }: PaneHeaderProps): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (wasNavigated()) heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <header className={css["header"]}>
      {parent !== undefined && (
        <IconButton
          icon="back"
          label={t("action.back")}
          onPress={() => {
            goBack(parent);
          }}
        />
      )}
      <h1 ref={heading} tabIndex={-1} className={css["title"]} dir="auto">
        {title}
      </h1>
      {children}
    </header>
  );
}
