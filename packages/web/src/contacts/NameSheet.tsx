import { useState, type ReactNode } from "react";
import { Button } from "../design/Button.tsx";
import { Field } from "../design/Field.tsx";
import { Sheet } from "../design/Sheet.tsx";
import { t } from "../locales/texts.ts";
import { describeError } from "../state/act.ts";
import { MAX_NAME_LENGTH } from "../text/message-length.ts";
import css from "./NameSheet.module.css";

interface NameSheetProps {
  readonly title: string;
  readonly label: string;
  readonly hint?: string;
  readonly name: string;
  readonly open: boolean;
  readonly onClose: () => void;
  readonly onSave: (name: string) => Promise<void>;
}

/** Asks for a new name. */
export function NameSheet({ title, open, onClose, ...rest }: NameSheetProps): ReactNode {
  return (
    <Sheet title={title} open={open} onClose={onClose}>
      <NameForm onClose={onClose} {...rest} />
    </Sheet>
  );
}

function NameForm({ label, hint, name, onClose, onSave }: Omit<NameSheetProps, "title" | "open">): ReactNode {
  const [text, setText] = useState(name);
  const [error, setError] = useState<string>();
  const save = async (): Promise<void> => {
    try {
      await onSave(text.trim());
      onClose();
    } catch (reason) {
      setError(describeError(reason));
    }
  };
  return (
    <form
      className={css["form"]}
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() !== "") void save();
      }}
    >
      <Field
        label={label}
        hint={hint}
        error={error}
        value={text}
        onChange={setText}
        maxLength={MAX_NAME_LENGTH}
        autoFocus
        autoComplete="off"
      />
      <div className={css["actions"]}>
        <Button onPress={onClose}>{t("action.cancel")}</Button>
        <Button type="submit" look="primary" isDisabled={text.trim() === ""}>
          {t("action.save")}
        </Button>
      </div>
    </form>
  );
}
