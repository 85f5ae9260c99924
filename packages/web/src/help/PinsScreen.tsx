import type { ReactNode } from "react";
import { navigate } from "../app/router.ts";
import { PaneBody, Section } from "../design/Pane.tsx";
import { PaneHeader } from "../design/PaneHeader.tsx";
import { RowButton } from "../design/Row.tsx";
import { t } from "../locales/texts.ts";
import { PinsText } from "./PinsText.tsx";

/** The same text as a screen of the app. */
export function PinsScreen(): ReactNode {
  return (
    <>
      <PaneHeader title={t("pins.title")} parent={{ screen: "security" }} />
      <PaneBody>
        <PinsText />
        <Section>
          <RowButton
            icon="lock"
            title={t("security.title")}
            end="forward"
            onPress={() => {
              navigate({ screen: "security" });
            }}
          />
        </Section>
      </PaneBody>
    </>
  );
}
