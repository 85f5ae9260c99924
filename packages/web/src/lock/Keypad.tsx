import { useState, type ReactNode } from "react";
import { IconButton } from "../design/Button.tsx";
import { Button as AriaButton } from "react-aria-components/Button";
import { t } from "../locales/texts.ts";
import css from "./Keypad.module.css";

const DIGITS = 10;

/** Digits in an order of their own at each showing: neither smudges nor a look at the hand tell the PIN. */
export function Keypad({
  onDigit,
  onErase,
}: {
  readonly onDigit: (digit: string) => void;
  readonly onErase: () => void;
}): ReactNode {
  const [digits] = useState(shuffled);
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

/** Fisher and Yates, with the browser's own randomness. The bias of a remainder of 2^32 is of no account here. */
function shuffled(): readonly string[] {
  const digits = Array.from({ length: DIGITS }, (_, digit) => String(digit));
  const lots = crypto.getRandomValues(new Uint32Array(DIGITS));
  for (let i = DIGITS - 1; i > 0; i -= 1) {
    const j = (lots[i] ?? 0) % (i + 1);
    [digits[i], digits[j]] = [digits[j] ?? "", digits[i] ?? ""];
  }
  return digits;
}
