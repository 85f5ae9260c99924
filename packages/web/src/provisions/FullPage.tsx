import type { ReactNode } from "react";
import { Dialog } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import css from "./FullPage.module.css";

/** Over everything, and nothing closes it: for what must be done to its end. */
export function FullPage({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactNode {
  return (
    <ModalOverlay isOpen isKeyboardDismissDisabled className={css["overlay"] ?? ""}>
      <Modal className={css["modal"] ?? ""}>
        <Dialog className={css["dialog"] ?? ""}>
          <Heading slot="title" level={1} className={css["title"] ?? ""}>
            {title}
          </Heading>
          {children}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
