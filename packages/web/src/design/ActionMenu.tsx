import type { ReactNode, RefObject } from "react";
import { Menu, MenuItem } from "react-aria-components/Menu";
import { Popover } from "react-aria-components/Popover";
import { Dialog } from "react-aria-components/Dialog";
import { Icon, type IconName } from "./icons.tsx";
import { cx } from "./cx.ts";
import css from "./ActionMenu.module.css";

export interface MenuAction {
  readonly id: string;
  readonly label: string;
  readonly icon: IconName;
  readonly danger?: boolean;
  readonly onAction: () => void;
}

interface ActionMenuProps {
  readonly label: string;
  readonly anchor: RefObject<HTMLElement | null>;
  readonly open: boolean;
  readonly onClose: () => void;
  readonly actions: readonly MenuAction[];
  /** Stands above the actions, e.g. quick reactions. */
  readonly above?: ReactNode;
}

/** A menu beside its anchor. Gives the focus back when it closes. */
export function ActionMenu({ label, anchor, open, onClose, actions, above }: ActionMenuProps): ReactNode {
  const menu = (
    <Menu
      aria-label={label}
      className={css["menu"] ?? ""}
      onClose={onClose}
      autoFocus={above === undefined ? "first" : true}
    >
      {actions.map((action) => (
        <MenuItem
          key={action.id}
          id={action.id}
          textValue={action.label}
          onAction={action.onAction}
          className={cx(css["item"], action.danger === true && css["danger"])}
        >
          <Icon name={action.icon} />
          <span>{action.label}</span>
        </MenuItem>
      ))}
    </Menu>
  );
  return (
    <Popover
      triggerRef={anchor}
      isOpen={open}
      onOpenChange={(next) => {
        if (!next) onClose();
      }}
      className={css["popover"] ?? ""}
      placement="bottom end"
      offset={4}
    >
      <Dialog aria-label={label} className={css["dialog"] ?? ""}>
        {above}
        {menu}
      </Dialog>
    </Popover>
  );
}
