import type { ReactNode } from "react";
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from "react-aria-components/Button";
import { Icon, type IconName } from "./icons.tsx";
import { cx } from "./cx.ts";
import css from "./Button.module.css";

interface ButtonProps extends Omit<AriaButtonProps, "children" | "className" | "style" | "isPending"> {
  readonly children: ReactNode;
  readonly look?: "primary" | "quiet" | "danger" | "plain";
  readonly icon?: IconName;
  readonly wide?: boolean;
  /** What it does is under way: it stays where it is and cannot be pressed again. */
  readonly busy?: boolean;
}

/** A button with words. `plain` looks like a link in a text. */
export function Button({
  children,
  look = "quiet",
  icon,
  wide = false,
  busy = false,
  isDisabled = false,
  ...rest
}: ButtonProps): ReactNode {
  return (
    <AriaButton {...rest} isDisabled={isDisabled || busy} className={cx(css["button"], css[look], wide && css["wide"])}>
      {icon !== undefined && <Icon name={icon} />}
      <span>{children}</span>
    </AriaButton>
  );
}

interface IconButtonProps extends Omit<AriaButtonProps, "children" | "className" | "style" | "aria-label"> {
  readonly icon: IconName;
  /** Its name for those who do not see the picture, and its tooltip. */
  readonly label: string;
  readonly look?: "plain" | "filled" | "small";
}

/** A round button with a picture only. */
export function IconButton({ icon, label, look = "plain", ...rest }: IconButtonProps): ReactNode {
  return (
    <AriaButton
      {...rest}
      aria-label={label}
      className={cx(css["iconButton"], look === "filled" && css["filled"], look === "small" && css["small"])}
    >
      <Icon name={icon} />
    </AriaButton>
  );
}
