import type { ReactNode } from "react";
import { hueOf, initials } from "../text/initials.ts";
import { Icon, type IconName } from "./icons.tsx";
import { cx } from "./cx.ts";
import css from "./Avatar.module.css";

interface AvatarProps {
  readonly id: string;
  readonly name: string;
  readonly kind?: "person" | "group" | "own";
  readonly size?: "small" | "medium" | "large";
}

/** Initials on a colour that belongs to the id. Decoration: the name stands beside it. */
export function Avatar({ id, name, kind = "person", size = "medium" }: AvatarProps): ReactNode {
  const letters = kind === "person" ? initials(name) : "";
  return (
    <span className={cx(css["avatar"], css[size])} data-hue={kind === "own" ? "own" : hueOf(id)} aria-hidden="true">
      {letters === "" ? <Icon name={ICONS[kind]} /> : letters}
    </span>
  );
}

const ICONS: Readonly<Record<"person" | "group" | "own", IconName>> = {
  person: "person",
  group: "people",
  own: "note",
};
