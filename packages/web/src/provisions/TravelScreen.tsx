import { useEffect, useRef, useState, type ReactNode } from "react";
import type { TravelView } from "@stonechat/core/client-api";
import { Banner } from "../design/Banner.tsx";
import { Button } from "../design/Button.tsx";
import { Field } from "../design/Field.tsx";
import { PaneBody } from "../design/Pane.tsx";
import { PaneHeader } from "../design/PaneHeader.tsx";
import { QrCode } from "../design/QrCode.tsx";
import { Progress } from "../design/Waiting.tsx";
import { formatMoment, formatNumber, formatPercent, formatSize } from "../locales/format.ts";
import { t } from "../locales/texts.ts";
import { Wall } from "../security/Wall.tsx";
import { act } from "../state/act.ts";
import { holdAwake } from "../state/awake.ts";
import { useClient } from "../state/client-context.ts";
import { useVaultActions } from "../state/vault-actions.ts";
import { FullPage } from "./FullPage.tsx";
import { isSameWord, placesToAsk } from "./words-entry.ts";
import { WordList } from "./WordList.tsx";
import css from "./Provisions.module.css";

type Step =
  | { readonly type: "explain" }
  | { readonly type: "upload"; readonly done: number; readonly total: number }
  | { readonly type: "code"; readonly travel: TravelView }
  | { readonly type: "check"; readonly travel: TravelView };

/** Before a border: the vault goes to the relay, its code onto paper, and nothing stays on this device. */
export function TravelScreen(): ReactNode {
  const { client } = useClient();
  const [step, setStep] = useState<Step>({ type: "explain" });
  useEffect(
    () =>
      client.onEvent((event) => {
        if (event.type !== "travel") return;
        const { done, total } = event;
        setStep((old) => (old.type === "upload" ? { type: "upload", done, total } : old));
      }),
    [client],
  );
  const upload = async (): Promise<void> => {
    setStep({ type: "upload", done: 0, total: 0 });
    const done = await act(async () => {
      setStep({ type: "code", travel: await client.prepareTravel() });
    });
    if (!done) setStep({ type: "explain" });
  };
  const erasing = useLeaving(step.type);
  return (
    <>
      <PaneHeader title={t("travel.title")} parent={{ screen: "security" }} />
      <PaneBody>
        <Explain onStart={() => void upload()} />
      </PaneBody>
      {step.type !== "explain" && (
        <FullPage title={t("travel.title")}>
          <Journey step={step} onStep={setStep} onErase={erasing} />
        </FullPage>
      )}
    </>
  );
}

function Journey({
  step,
  onStep,
  onErase,
}: {
  readonly step: Exclude<Step, { readonly type: "explain" }>;
  readonly onStep: (step: Step) => void;
  readonly onErase: () => void;
}): ReactNode {
  switch (step.type) {
    case "upload":
      return <Upload done={step.done} total={step.total} />;
    case "code":
      return (
        <Code
          travel={step.travel}
          onWritten={() => {
            onStep({ type: "check", travel: step.travel });
          }}
        />
      );
    case "check":
      return (
        <Check
          travel={step.travel}
          onBack={() => {
            onStep({ type: "code", travel: step.travel });
          }}
          onErase={onErase}
        />
      );
  }
}

/**
 * From the upload on the page is not left by mistake, nor covered while somebody writes the words down; once the vault
 * was closed, leaving the screen starts anew. Call what it returns before the vault is erased: that is not interrupted.
 */
function useLeaving(step: Step["type"]): () => void {
  const closed = useRef(false);
  useEffect(() => {
    closed.current = step === "code" || step === "check";
    if (step === "explain") return undefined;
    const warn = (event: BeforeUnloadEvent): void => {
      event.preventDefault();
    };
    addEventListener("beforeunload", warn);
    const release = holdAwake();
    return () => {
      removeEventListener("beforeunload", warn);
      release();
    };
  }, [step]);
  useEffect(
    () => () => {
      if (closed.current) location.reload();
    },
    [],
  );
  return () => {
    closed.current = false;
  };
}

function Explain({ onStart }: { readonly onStart: () => void }): ReactNode {
  return (
    <div className={css["card"]}>
      <p>{t("travel.text")}</p>
      <ol className={css["steps"]}>
        <li>{t("travel.step-upload")}</li>
        <li>{t("travel.step-code")}</li>
        <li>{t("travel.step-erase")}</li>
        <li>{t("travel.step-restore")}</li>
      </ol>
      <Wall
        lead={t("travel.lead")}
        points={[t("travel.point-code"), t("travel.point-time"), t("travel.point-app")]}
        action={t("travel.start")}
        onContinue={onStart}
      />
    </div>
  );
}

function Upload({ done, total }: { readonly done: number; readonly total: number }): ReactNode {
  return (
    <div className={css["card"]}>
      <h2 className={css["title"]}>{t("travel.uploading")}</h2>
      <Progress label={t("travel.uploading")} done={done} total={total} />
      <p className={css["soft"]}>
        {total === 0
          ? t("travel.preparing")
          : t("travel.progress", { part: formatPercent(done / total), size: formatSize(total) })}
      </p>
      <p>{t("travel.stay")}</p>
    </div>
  );
}

function Code({ travel, onWritten }: { readonly travel: TravelView; readonly onWritten: () => void }): ReactNode {
  return (
    <div className={css["code"]}>
      <h2 className={css["title"]}>{t("travel.code-title")}</h2>
      <p>{t("travel.code-text")}</p>
      <WordList words={travel.words} label={t("travel.words")} />
      <QrCode text={travel.qr} label={t("travel.qr")} />
      <p>{t("travel.relay", { relay: new URL(travel.relayUrl).host })}</p>
      <div className={css["banner"]}>
        <Banner
          tone="warn"
          icon="clock"
          title={t("travel.kept", { at: formatMoment(travel.keptUntil) })}
          text={t("travel.kept-text")}
        />
      </div>
      <div className={css["actions"]}>
        <Button look="primary" onPress={onWritten}>
          {t("travel.written")}
        </Button>
      </div>
    </div>
  );
}

/** Two of the words, to see that they are on paper; only then is anything erased. */
function Check({
  travel,
  onBack,
  onErase,
}: {
  readonly travel: TravelView;
  readonly onBack: () => void;
  /** The vault is about to be erased. */
  readonly onErase: () => void;
}): ReactNode {
  const actions = useVaultActions();
  const places = placesToAsk(travel.words);
  const [typed, setTyped] = useState<readonly string[]>(["", ""]);
  const [busy, setBusy] = useState(false);
  const right = places.map((place, index) => isSameWord(typed[index] ?? "", travel.words[place] ?? ""));
  const ready = right.every(Boolean);
  const erase = async (): Promise<void> => {
    setBusy(true);
    onErase();
    await act(actions.leaveForTravel);
    setBusy(false);
  };
  return (
    <form
      className={css["form"]}
      onSubmit={(event) => {
        event.preventDefault();
        if (ready && !busy) void erase();
      }}
    >
      <h2 className={css["title"]}>{t("travel.check-title")}</h2>
      <p>{t("travel.check-text")}</p>
      <div className={css["two"]}>
        {places.map((place, index) => (
          <Field
            key={place}
            label={t("travel.check-word", { number: formatNumber(place + 1) })}
            value={typed[index] ?? ""}
            onChange={(text) => {
              setTyped(typed.map((old, at) => (at === index ? text : old)));
            }}
            autoComplete="off"
            spellCheck="false"
            autoFocus={index === 0}
            error={(typed[index] ?? "").length > 3 && right[index] !== true ? t("travel.check-wrong") : undefined}
          />
        ))}
      </div>
      <div className={css["actions"]}>
        <Button onPress={onBack}>{t("travel.see-again")}</Button>
        <Button type="submit" look="danger" isDisabled={!ready} busy={busy}>
          {t("travel.erase")}
        </Button>
      </div>
    </form>
  );
}
