import type { ReactNode } from "react";
import { PaneBody } from "../design/Pane.tsx";
import { PaneHeader } from "../design/PaneHeader.tsx";
import { t } from "../locales/texts.ts";
import { PinsText } from "./PinsText.tsx";

/** The same text as a screen of the app. */
export function PinsScreen(): ReactNode {
  return (
    <>
      <PaneHeader title={t("pins.title")} parent={{ screen: "security" }} />
      <PaneBody>
        <PinsText />
      </PaneBody>
    </>
  );
}
