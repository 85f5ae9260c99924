import { lazy, Suspense, useState, type ReactNode } from "react";
import { Button } from "../design/Button.tsx";
import { Field } from "../design/Field.tsx";
import { t } from "../locales/texts.ts";
import css from "./EnterLink.module.css";

const ScanSheet = lazy(async () => ({ default: (await import("../scan/ScanSheet.tsx")).ScanSheet }));

/** Takes a link that somebody made: pasted, or scanned from their screen. */
export function EnterLink({ onLink }: { readonly onLink: (link: string) => void }): ReactNode {
  const [text, setText] = useState("");
  const [scanning, setScanning] = useState(false);
  const link = text.trim();
  return (
    <section className={css["enter"]}>
      <h2 className={css["title"]}>{t("invite.enter-title")}</h2>
      <form
        className={css["form"]}
        onSubmit={(event) => {
          event.preventDefault();
          if (link !== "") onLink(link);
        }}
      >
        <Field label={t("invite.enter")} value={text} onChange={setText} autoComplete="off" spellCheck="false" />
        <div className={css["actions"]}>
          <Button type="submit" isDisabled={link === ""}>
            {t("invite.continue")}
          </Button>
          <Button
            icon="scan"
            onPress={() => {
              setScanning(true);
            }}
          >
            {t("scan.start")}
          </Button>
        </div>
      </form>
      {scanning && (
        <Suspense fallback={null}>
          <ScanSheet
            title={t("invite.scan-title")}
            onClose={() => {
              setScanning(false);
            }}
            onFound={(found) => {
              setScanning(false);
              onLink(found);
            }}
          />
        </Suspense>
      )}
    </section>
  );
}
