import { useEffect, useState, type ReactNode } from "react";
import { Button as AriaButton } from "react-aria-components/Button";
import { IconButton } from "../design/Button.tsx";
import { t } from "../locales/texts.ts";
import { act } from "../state/act.ts";
import { useVaultActions } from "../state/vault-actions.ts";
import css from "./Keypad.module.css";

/** Digits in an order of their own at each showing: neither smudges nor a look at the hand tell the PIN. */
export function Keypad({
  onDigit,
  onErase,
}: {
  readonly onDigit: (digit: string) => void;
  readonly onErase: () => void;
}): ReactNode {
  const { shuffledDigits } = useVaultActions();
  const [digits, setDigits] = useState<readonly string[]>([]);
  useEffect(() => {
    void act(async () => {
      setDigits(await shuffledDigits());
    });
  }, [shuffledDigits]);
  return (
    <div className={css["keypad"]} role="group" aria-label={t("lock.keypad")} dir="ltr">
      {digits.map((digit) => (
        <AriaButton
          key={digit}
          className={css["key"] ?? ""}
          onPress={() => {
            onDigit(digit);
          }}
        >
          {digit}
        </AriaButton>
      ))}
      <IconButton icon="close" label={t("lock.erase-digit")} onPress={onErase} />
    </div>
  );
}
