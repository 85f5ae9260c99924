import { useState, type ReactNode } from "react";
import { Section } from "../design/Pane.tsx";
import { RowButton } from "../design/Row.tsx";
import { Sheet } from "../design/Sheet.tsx";
import { t } from "../locales/texts.ts";
import { useClient } from "../state/client-context.ts";
import { notify } from "../state/notices.ts";
import { SecretForm } from "./SecretForm.tsx";
import { Wall } from "./Wall.tsx";

/** Makes another vault beside this one. Looks the same whether there is one or not: no vault of this kind can tell. */
export function HiddenSection(): ReactNode {
  const { client } = useClient();
  const [step, setStep] = useState<"closed" | "wall" | "secret">("closed");
  const close = (): void => {
    setStep("closed");
  };
  return (
    <Section title={t("hidden.title")} note={t("hidden.note")}>
      <RowButton
        icon="plus"
        title={t("hidden.add")}
        detail={t("hidden.add-detail")}
        end="forward"
        onPress={() => {
          setStep("wall");
        }}
      />
      <Sheet title={t("hidden.title")} open={step !== "closed"} onClose={close}>
        {step === "wall" && (
          <Wall
            lead={t("hidden.lead")}
            points={[
              t("hidden.point-copies"),
              t("hidden.point-guard"),
              t("hidden.point-opened"),
              t("hidden.point-overwrite"),
              t("hidden.point-asked"),
            ]}
            onCancel={close}
            onContinue={() => {
              setStep("secret");
            }}
          />
        )}
        {step === "secret" && (
          <>
            <p>{t("hidden.choose")}</p>
            <SecretForm
              mode="pin"
              action={t("hidden.save")}
              onCancel={close}
              onSave={async (pin) => {
                await client.addHiddenVault(pin);
                notify({ tone: "info", text: t("hidden.done") });
                close();
              }}
            />
          </>
        )}
      </Sheet>
    </Section>
  );
}
