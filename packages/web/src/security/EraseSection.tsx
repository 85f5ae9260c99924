import { useState, type ReactNode } from "react";
import { Button } from "../design/Button.tsx";
import { Field } from "../design/Field.tsx";
import { Section } from "../design/Pane.tsx";
import { RowButton } from "../design/Row.tsx";
import { Sheet } from "../design/Sheet.tsx";
import { t } from "../locales/texts.ts";
import { act } from "../state/act.ts";
import { useVaultActions } from "../state/vault-actions.ts";
import css from "./SecretForm.module.css";

/** Destroys everything on this device, after a word was typed. */
export function EraseSection(): ReactNode {
  const [open, setOpen] = useState(false);
  const close = (): void => {
    setOpen(false);
  };
  return (
    <Section note={t("erase.note")}>
      <RowButton
        icon="trash"
        look="danger"
        title={t("erase.title")}
        detail={t("erase.detail")}
        onPress={() => {
          setOpen(true);
        }}
      />
      <Sheet role="alertdialog" title={t("erase.ask")} open={open} onClose={close}>
        <EraseForm onClose={close} />
      </Sheet>
    </Section>
  );
}

function EraseForm({ onClose }: { readonly onClose: () => void }): ReactNode {
  const actions = useVaultActions();
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const word = t("erase.word");
  const ready = typed.trim().toLocaleLowerCase() === word.toLocaleLowerCase();
  const erase = async (): Promise<void> => {
    setBusy(true);
    await act(actions.wipe);
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
      <p>{t("erase.text")}</p>
      <p>{t("erase.law")}</p>
      <Field
        label={t("erase.type", { word })}
        value={typed}
        onChange={setTyped}
        autoComplete="off"
        spellCheck="false"
        autoFocus
      />
      <div className={css["actions"]}>
        <Button onPress={onClose}>{t("action.cancel")}</Button>
        <Button type="submit" look="danger" isDisabled={!ready} busy={busy}>
          {t("erase.do")}
        </Button>
      </div>
    </form>
  );
}
