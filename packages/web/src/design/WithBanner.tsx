import type { ReactNode } from "react";
import css from "./WithBanner.module.css";

/** A page below a banner that is always in view. */
export function WithBanner({
  banner,
  children,
}: {
  readonly banner: ReactNode;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <div className={css["column"]}>
      {banner}
      {children}
    </div>
  );
}
