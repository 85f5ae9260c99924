import { useState, type ReactNode } from "react";
import { applyCover } from "../cover/cover.ts";
import { SwitchRow } from "../design/Row.tsx";
import { t } from "../locales/texts.ts";
import { keepCovered, readCovered } from "../platform/preferences.ts";

/** Lets the app look like a notepad from outside. Kept on the device in clear: it is what one sees first. */
export function CoverChoice(): ReactNode {
  const [covered, setCovered] = useState(readCovered);
  return (
    <SwitchRow
      title={t("cover.choose")}
      detail={t("cover.choose-detail")}
      on={covered}
      onChange={(next) => {
        keepCovered(next);
        setCovered(next);
        applyCover(next);
      }}
    />
  );
}
