import { useState, type DragEvent, type ReactNode } from "react";
import { Icon } from "../design/icons.tsx";
import { t } from "../locales/texts.ts";
import css from "./ConversationScreen.module.css";

interface DropAreaProps {
  /** Files are welcome. */
  readonly open: boolean;
  readonly onFiles: (files: readonly File[]) => void;
  readonly children: ReactNode;
}

/** A conversation's pane, onto which files may be dropped. The browser never opens a dropped file itself. */
export function DropArea({ open, onFiles, children }: DropAreaProps): ReactNode {
  const [dragging, setDragging] = useState(false);
  const hasFiles = (event: DragEvent): boolean => event.dataTransfer.types.includes("Files");
  return (
    <section
      className={css["pane"]}
      aria-label={t("conversation.label")}
      onDragOver={(event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        setDragging(open);
      }}
      onDragLeave={(event) => {
        const to = event.relatedTarget;
        if (!(to instanceof Node) || !event.currentTarget.contains(to)) setDragging(false);
      }}
      onDrop={(event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        setDragging(false);
        if (open) onFiles([...event.dataTransfer.files]);
      }}
    >
      {children}
      {dragging && (
        <div className={css["drop"]}>
          <Icon name="clip" size="large" />
          <p>{t("composer.drop")}</p>
        </div>
      )}
    </section>
  );
}
