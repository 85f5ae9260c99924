import type { ReactNode } from "react";
import { Dialog } from "react-aria-components/Dialog";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { Heading } from "react-aria-components/Heading";
import { t } from "../locales/texts.ts";
import { Button, IconButton } from "./Button.tsx";
import css from "./Sheet.module.css";

interface SheetProps {
  readonly title: string;
  readonly open: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly role?: "dialog" | "alertdialog";
  readonly closable?: boolean;
}

/** A dialog: from below on phones, in the middle on wide screens. Escape and a tap outside close it. */
export function Sheet({ title, open, onClose, children, role = "dialog", closable = true }: SheetProps): ReactNode {
  return (
    <ModalOverlay
      isOpen={open}
      onOpenChange={(next) => {
        if (!next) onClose();
      }}
      isDismissable
      className={css["overlay"] ?? ""}
    >
      <Modal className={css["modal"] ?? ""}>
        <Dialog role={role} className={css["dialog"] ?? ""}>
          <header className={css["header"]}>
            <Heading slot="title" level={2} className={css["title"] ?? ""} dir="auto">
              {title}
            </Heading>
            {closable && <IconButton icon="close" label={t("action.close")} onPress={onClose} />}
          </header>
          <div className={css["body"]}>{children}</div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

interface ConfirmProps {
  readonly title: string;
  readonly text: ReactNode;
  readonly action: string;
  readonly look?: "primary" | "danger";
  readonly open: boolean;
  readonly onClose: () => void;
  readonly onConfirm: () => void;
}

/** Asks before something that cannot be undone. */
export function Confirm({ title, text, action, look = "danger", open, onClose, onConfirm }: ConfirmProps): ReactNode {
  return (
    <Sheet role="alertdialog" title={title} open={open} onClose={onClose} closable={false}>
      <div className={css["text"]}>{text}</div>
      <div className={css["actions"]}>
        <Button onPress={onClose}>{t("action.cancel")}</Button>
        <Button
          look={look}
          onPress={() => {
            onClose();
            onConfirm();
          }}
        >
          {action}
        </Button>
      </div>
    </Sheet>
  );
}
