import { useEffect, useState, type ReactNode } from "react";
import { IconButton } from "../design/Button.tsx";
import { Icon } from "../design/icons.tsx";
import { formatSize } from "../locales/format.ts";
import { t } from "../locales/texts.ts";
import { visibleFileName } from "../text/safe-file-name.ts";
import type { PendingFile } from "./prepare-file.ts";
import css from "./PendingFiles.module.css";

interface PendingFilesProps {
  readonly files: readonly PendingFile[];
  readonly onRemove: (id: number) => void;
}

/** The files that go with the next message. Says which of them may tell more than one sees. */
export function PendingFiles({ files, onRemove }: PendingFilesProps): ReactNode {
  return (
    <div className={css["files"]}>
      <ul className={css["list"]} aria-label={t("composer.files")}>
        {files.map((file) => {
          const name = visibleFileName(file.input.name);
          return (
            <li key={file.id} className={css["file"]}>
              <Preview file={file} />
              <span className={css["text"]}>
                <bdi className={css["name"]}>{name}</bdi>
                <span className={css["size"]}>{formatSize(file.size)}</span>
              </span>
              <IconButton
                icon="close"
                look="small"
                label={t("composer.remove-file", { name })}
                onPress={() => {
                  onRemove(file.id);
                }}
              />
            </li>
          );
        })}
      </ul>
      {files.some(({ mayTell }) => mayTell) && (
        <p className={css["hint"]} role="status">
          <Icon name="info" size="small" />
          {t("composer.may-tell")}
        </p>
      )}
    </div>
  );
}

function Preview({ file }: { readonly file: PendingFile }): ReactNode {
  const [url, setUrl] = useState<string>();
  const { thumbnail } = file.input;
  useEffect(() => {
    if (thumbnail === undefined) return undefined;
    const made = URL.createObjectURL(new Blob([new Uint8Array(thumbnail)], { type: "image/jpeg" }));
    setUrl(made);
    return () => {
      URL.revokeObjectURL(made);
    };
  }, [thumbnail]);
  return url === undefined ? (
    <span className={css["icon"]}>
      <Icon name="file" />
    </span>
  ) : (
    <img src={url} alt="" className={css["thumbnail"]} />
  );
}
