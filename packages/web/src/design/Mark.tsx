import type { ReactNode } from "react";
import css from "./Mark.module.css";

/** Our mark: a stonechat on a speech bubble's tail. Decoration. */
export function Mark({ size = "medium" }: { readonly size?: "medium" | "large" }): ReactNode {
  return <img className={css[size]} src="/icons/mark.svg" alt="" />;
}
