import { useEffect, useState, type ReactNode } from "react";
import type { Client } from "@stonechat/core/client-api";
import { Button } from "../design/Button.tsx";
import { CardPage } from "../design/CardPage.tsx";
import { t } from "../locales/texts.ts";
import { holdAwake } from "../state/awake.ts";
import { SecretForm } from "../security/SecretForm.tsx";
import { Wall } from "../security/Wall.tsx";
import css from "./DuressStep.module.css";

interface DuressStepProps {
  readonly client: Client;
  readonly onRehearse: () => void;
  readonly onDone: () => void;
}

/** After a PIN was chosen: a second one, which opens a decoy and destroys the vault. Nobody needs it, and later will do. */
export function DuressStep({ client, onRehearse, onDone }: DuressStepProps): ReactNode {
  const [step, setStep] = useState<"offer" | "wall" | "secret">("offer");
  // There is nothing to hide yet, and who reads and learns a PIN by heart presses nothing for a while.
  useEffect(holdAwake, []);
  return (
    <CardPage title={t("duress.title")} lead={t("setup.duress-lead")} mark={false}>
      <div className={css["step"]}>
        {step === "offer" && (
          <>
            <Button look="primary" wide onPress={onDone}>
              {t("setup.duress-later")}
            </Button>
            <Button
              wide
              onPress={() => {
                setStep("wall");
              }}
            >
              {t("duress.set")}
            </Button>
            <Button look="plain" icon="play" onPress={onRehearse}>
              {t("duress.rehearse")}
            </Button>
          </>
        )}
        {step === "wall" && (
          <Wall
            lead={t("duress.lead")}
            points={[t("duress.point-gone"), t("duress.point-known"), t("duress.point-decoy"), t("duress.point-law")]}
            onCancel={() => {
              setStep("offer");
            }}
            onContinue={() => {
              setStep("secret");
            }}
          />
        )}
        {step === "secret" && (
          <SecretForm
            mode="pin"
            action={t("duress.save")}
            onCancel={() => {
              setStep("offer");
            }}
            onSave={async (pin) => {
              await client.setDuressPin(pin);
              onDone();
            }}
          />
        )}
      </div>
    </CardPage>
  );
}
