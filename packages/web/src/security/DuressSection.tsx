import { useState, type ReactNode } from "react";
import type { VaultView } from "@stonechat/core/client-api";
import { navigate } from "../app/router.ts";
import { Button } from "../design/Button.tsx";
import { Section } from "../design/Pane.tsx";
import { RowButton } from "../design/Row.tsx";
import { Confirm, Sheet } from "../design/Sheet.tsx";
import { t } from "../locales/texts.ts";
import { act } from "../state/act.ts";
import { useClient } from "../state/client-context.ts";
import { useVaultActions } from "../state/vault-actions.ts";
import { SecretForm } from "./SecretForm.tsx";
import { Wall } from "./Wall.tsx";
import css from "./SecretForm.module.css";

type Step = "closed" | "wall" | "secret" | "done";

/** The second PIN, which opens a decoy and destroys this vault. */
export function DuressSection({ vault }: { readonly vault: VaultView }): ReactNode {
  const { client } = useClient();
  const actions = useVaultActions();
  const [step, setStep] = useState<Step>("closed");
  const [asking, setAsking] = useState<"remove" | "visit" | "rehearse">();
  const { duressPin } = vault;
  const ask = (what: typeof asking) => () => {
    setAsking(what);
  };
  return (
    <Section title={t("duress.title")} note={t("duress.note")}>
      <RowButton
        icon="key"
        title={t(duressPin ? "duress.change" : "duress.set")}
        detail={t("duress.set-detail")}
        end="forward"
        onPress={() => {
          setStep("wall");
        }}
      />
      {duressPin && (
        <>
          <RowButton
            icon="compose"
            title={t("duress.visit")}
            detail={t("duress.visit-detail")}
            end="forward"
            onPress={ask("visit")}
          />
          <RowButton icon="trash" look="danger" title={t("duress.remove")} onPress={ask("remove")} />
        </>
      )}
      <RowButton
        icon="play"
        title={t("duress.rehearse")}
        detail={t("duress.rehearse-detail")}
        end="forward"
        onPress={ask("rehearse")}
      />
      <RowButton
        icon="info"
        title={t("pins.title")}
        end="forward"
        onPress={() => {
          navigate({ screen: "pins" });
        }}
      />
      <DuressSheet step={step} onStep={setStep} onVisit={ask("visit")} onRehearse={ask("rehearse")} />
      <Confirm
        title={t("duress.remove-title")}
        text={<p>{t("duress.remove-text")}</p>}
        action={t("duress.remove")}
        open={asking === "remove"}
        onClose={ask(undefined)}
        onConfirm={() => void act(() => client.setDuressPin(undefined))}
      />
      <Confirm
        title={t("duress.visit-title")}
        text={<p>{t("duress.visit-text")}</p>}
        action={t("duress.visit")}
        look="primary"
        open={asking === "visit"}
        onClose={ask(undefined)}
        onConfirm={() => void act(actions.visitDecoy)}
      />
      <Confirm
        title={t("duress.rehearse-title")}
        text={<p>{t("duress.rehearse-text")}</p>}
        action={t("duress.rehearse-start")}
        look="primary"
        open={asking === "rehearse"}
        onClose={ask(undefined)}
        onConfirm={() => void act(actions.rehearse)}
      />
    </Section>
  );
}

function DuressSheet({
  step,
  onStep,
  onVisit,
  onRehearse,
}: {
  readonly step: Step;
  readonly onStep: (step: Step) => void;
  readonly onVisit: () => void;
  readonly onRehearse: () => void;
}): ReactNode {
  const { client } = useClient();
  const close = (): void => {
    onStep("closed");
  };
  return (
    <Sheet title={t("duress.title")} open={step !== "closed"} onClose={close}>
      {step === "wall" && (
        <Wall
          lead={t("duress.lead")}
          points={[t("duress.point-gone"), t("duress.point-known"), t("duress.point-decoy"), t("duress.point-law")]}
          onCancel={close}
          onContinue={() => {
            onStep("secret");
          }}
        />
      )}
      {step === "secret" && (
        <>
          <p>{t("duress.choose")}</p>
          <SecretForm
            mode="pin"
            action={t("duress.save")}
            onCancel={close}
            onSave={async (pin) => {
              await client.setDuressPin(pin);
              onStep("done");
            }}
          />
        </>
      )}
      {step === "done" && (
        <>
          <p>{t("duress.done")}</p>
          <div className={css["actions"]}>
            <Button
              onPress={() => {
                close();
                onRehearse();
              }}
            >
              {t("duress.rehearse")}
            </Button>
            <Button
              look="primary"
              onPress={() => {
                close();
                onVisit();
              }}
            >
              {t("duress.visit")}
            </Button>
          </div>
        </>
      )}
    </Sheet>
  );
}
