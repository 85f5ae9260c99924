import type { ReactNode } from "react";
import { Icon, type IconName } from "./icons.tsx";
import { cx } from "./cx.ts";
import css from "./Banner.module.css";

interface BannerProps {
  readonly tone: "info" | "warn" | "danger";
  readonly icon: IconName;
  readonly title: string;
  readonly text?: string;
  readonly children?: ReactNode;
}

/** A lasting message above or inside a pane: says what happened in words, not by colour alone. */
export function Banner({ tone, icon, title, text, children }: BannerProps): ReactNode {
  return (
    <div className={cx(css["banner"], css[tone])} role={tone === "danger" ? "alert" : "status"}>
      <span className={css["icon"]}>
        <Icon name={icon} />
      </span>
      <div className={css["text"]}>
        <p className={css["title"]}>{title}</p>
        {text !== undefined && <p>{text}</p>}
      </div>
      {children}
    </div>
  );
}
