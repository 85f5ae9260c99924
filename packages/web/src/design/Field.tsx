import type { ReactNode, Ref } from "react";
import { TextField, type TextFieldProps } from "react-aria-components/TextField";
import { Label } from "react-aria-components/Label";
import { Input } from "react-aria-components/Input";
import { TextArea } from "react-aria-components/TextArea";
import { FieldError } from "react-aria-components/FieldError";
import { Text } from "react-aria-components/Text";
import css from "./Field.module.css";

interface FieldProps extends Omit<TextFieldProps, "children" | "className" | "style"> {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly error?: string | undefined;
  readonly lines?: number;
  readonly inputRef?: Ref<HTMLInputElement>;
}

/** A text input with its label above, and a hint or an error below. */
export function Field({ label, hint, error, lines, inputRef, ...rest }: FieldProps): ReactNode {
  // Of nothing the browser would say that it goes from left to right.
  const dir = rest.value === "" ? undefined : "auto";
  // The browser's own way of refusing would keep a form from being sent again once something was wrong.
  return (
    <TextField validationBehavior="aria" {...rest} isInvalid={error !== undefined} className={css["field"] ?? ""}>
      <Label className={css["label"] ?? ""}>{label}</Label>
      {lines === undefined ? (
        <Input dir={dir} className={css["input"] ?? ""} {...(inputRef === undefined ? {} : { ref: inputRef })} />
      ) : (
        <TextArea dir={dir} rows={lines} className={css["input"] ?? ""} />
      )}
      {hint !== undefined && error === undefined && (
        <Text slot="description" className={css["hint"] ?? ""}>
          {hint}
        </Text>
      )}
      <FieldError className={css["error"] ?? ""}>{error}</FieldError>
    </TextField>
  );
}
