import { useEffect, useState, type ReactNode } from "react";
import type { VaultView } from "@stonechat/core/client-api";
import { Section } from "../design/Pane.tsx";
import { Row, RowButton } from "../design/Row.tsx";
import { formatSize } from "../locales/format.ts";
import { t } from "../locales/texts.ts";
import { askToPersist, isPersistent } from "../platform/storage.ts";

/** Whether the browser keeps the vault, and how much room it takes: the same however full it is. */
export function StorageSection({ vault }: { readonly vault: VaultView | undefined }): ReactNode {
  const [persistent, setPersistent] = useState<boolean>();
  useEffect(() => {
    void isPersistent().then(setPersistent);
  }, []);
  if (persistent === undefined) return null;
  return (
    <Section title={t("settings.storage")}>
      {persistent ? (
        <Row icon="lock" title={t("settings.storage-kept")} detail={t("settings.storage-kept-detail")} />
      ) : (
        <RowButton
          icon="warning"
          title={t("settings.storage-may-go")}
          detail={t("settings.storage-may-go-detail")}
          onPress={() => void askToPersist().then(setPersistent)}
        />
      )}
      {vault !== undefined && (
        <Row
          icon="file"
          title={t("security.size", { size: formatSize(vault.storageBytes) })}
          detail={t("security.size-detail")}
        />
      )}
    </Section>
  );
}
