import type { ReactNode } from "react";
import { Banner } from "../design/Banner.tsx";
import { SwitchRow } from "../design/Row.tsx";
import { t } from "../locales/texts.ts";

interface ConcealChoiceProps {
  readonly chosen: boolean;
  readonly onChange: (chosen: boolean) => void;
}

/** The wall before conceal mode: what it gives up stands before what it gives. */
export function ConcealChoice({ chosen, onChange }: ConcealChoiceProps): ReactNode {
  return (
    <>
      <SwitchRow title={t("setup.conceal")} detail={t("setup.conceal-detail")} on={chosen} onChange={onChange} />
      {chosen && <Banner tone="warn" icon="warning" title={t("setup.conceal-limits")} text={t("setup.conceal-text")} />}
    </>
  );
}
