import { lazy, Suspense, useState, type ReactNode } from "react";
import type { ContactView } from "@stonechat/core/client-api";
import { Banner } from "../design/Banner.tsx";
import { Button } from "../design/Button.tsx";
import { QrCode } from "../design/QrCode.tsx";
import { isolate } from "../locales/format.ts";
import { t } from "../locales/texts.ts";
import { act } from "../state/act.ts";
import { useClient } from "../state/client-context.ts";
import { notify } from "../state/notices.ts";
import { splitSafetyNumber } from "./split-safety-number.ts";
import css from "./SafetyNumber.module.css";

const ScanSheet = lazy(async () => ({ default: (await import("../scan/ScanSheet.tsx")).ScanSheet }));

/** The number that is the same on both sides if nobody stands between: to compare, or to scan. */
export function SafetyNumber({ contact }: { readonly contact: ContactView }): ReactNode {
  const { client } = useClient();
  const [scanning, setScanning] = useState(false);
  const [mismatch, setMismatch] = useState(false);
  const groups = splitSafetyNumber(contact.safetyNumber);
  const check = async (scanned: string): Promise<void> => {
    const outcome = await client.verifyByQr(contact.id, scanned);
    setMismatch(outcome === "mismatch");
    if (outcome === "verified") notify({ tone: "info", text: t("safety.matched") });
    if (outcome === "not-a-code") notify({ tone: "error", text: t("safety.not-a-code") });
  };
  return (
    <section className={css["card"]} aria-label={t("safety.title")}>
      <h3 className={css["title"]}>{t("safety.title")}</h3>
      <p className={css["text"]}>{t("safety.text", { name: isolate(contact.name) })}</p>
      <ol className={css["number"]} dir="ltr" aria-label={t("safety.number")}>
        {groups.map((group, index) => (
          <li key={index}>{group}</li>
        ))}
      </ol>
      <details className={css["qr"]}>
        <summary>{t("safety.show-qr")}</summary>
        <QrCode text={contact.safetyQr} label={t("safety.qr")} />
      </details>
      {mismatch && (
        <Banner tone="danger" icon="warning" title={t("safety.mismatch-title")} text={t("safety.mismatch-text")} />
      )}
      <div className={css["actions"]}>
        <Button
          icon="scan"
          onPress={() => {
            setScanning(true);
          }}
        >
          {t("safety.scan")}
        </Button>
        {contact.verified ? (
          <Button
            icon="shield"
            onPress={() => {
              void act(() => client.setVerified(contact.id, false));
            }}
          >
            {t("safety.clear")}
          </Button>
        ) : (
          <Button
            look="primary"
            icon="shieldCheck"
            onPress={() => {
              void act(() => client.setVerified(contact.id, true));
            }}
          >
            {t("safety.mark")}
          </Button>
        )}
      </div>
      {scanning && (
        <Suspense fallback={null}>
          <ScanSheet
            title={t("safety.scan-title")}
            onClose={() => {
              setScanning(false);
            }}
            onFound={(text) => {
              setScanning(false);
              void act(() => check(text));
            }}
          />
        </Suspense>
      )}
    </section>
  );
}
