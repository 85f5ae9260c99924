import type { ReactNode } from "react";
import { Button } from "../design/Button.tsx";
import { Icon } from "../design/icons.tsx";
import { Empty } from "../design/Pane.tsx";
import { t } from "../locales/texts.ts";
import css from "./Gate.module.css";

/** What is left when drawing failed: by a mistake of ours, or because a file of an older version is gone. */
export function BrokenPage(): ReactNode {
  return (
    <main className={css["page"]}>
      <Empty alone picture={<Icon name="warning" size="large" />} title={t("broken.title")} text={t("error.internal")}>
        <Button
          look="primary"
          onPress={() => {
            location.reload();
          }}
        >
          {t("broken.reload")}
        </Button>
      </Empty>
    </main>
  );
}
