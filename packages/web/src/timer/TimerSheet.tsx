import { useState, type ReactNode } from "react";
import { Button } from "../design/Button.tsx";
import { Field } from "../design/Field.tsx";
import { ChoiceRows } from "../design/Row.tsx";
import { Sheet } from "../design/Sheet.tsx";
import { formatNumber, formatSpan } from "../locales/format.ts";
import { t, type TextId } from "../locales/texts.ts";
import { choicesBelow, readTimer, splitTimer, TIMER_UNITS, type TimerUnit } from "./timer-choices.ts";
import css from "./TimerSheet.module.css";

interface TimerSheetProps {
  readonly title: string;
  readonly text: string;
  /** What is chosen now, in seconds; 0: nothing. */
  readonly seconds: number;
  /** Only what is shorter than this is offered, unless it is 0. */
  readonly below: number;
  /** What the choice of nothing is called. */
  readonly none: string;
  readonly onClose: () => void;
  readonly onChosen: (seconds: number) => void;
}

const NONE = "0";
const OWN = "own";

/** Asks after which time messages disappear. */
export function TimerSheet({ title, text, onClose, ...rest }: TimerSheetProps): ReactNode {
  return (
    <Sheet title={title} open onClose={onClose}>
      <p className={css["text"]}>{text}</p>
      <TimerForm onClose={onClose} {...rest} />
    </Sheet>
  );
}

function TimerForm({ seconds, below, none, onClose, onChosen }: Omit<TimerSheetProps, "title" | "text">): ReactNode {
  const offered = choicesBelow(below);
  const [chosen, setChosen] = useState(() => (seconds === 0 || offered.includes(seconds) ? String(seconds) : OWN));
  const [own, setOwn] = useState(() => splitTimer(chosen === OWN ? seconds : Math.min(7_200, below || 7_200)));
  const [amount, setAmount] = useState(() => formatNumber(own.amount));
  const read = readTimer(amount, own.unit);
  const tooLong = read !== undefined && below > 0 && read >= below;
  const wanted = chosen !== OWN ? Number(chosen) : tooLong ? undefined : read;
  return (
    <form
      className={css["form"]}
      onSubmit={(event) => {
        event.preventDefault();
        if (wanted === undefined) return;
        onClose();
        if (wanted !== seconds) onChosen(wanted);
      }}
    >
      <div className={css["choices"]}>
        <ChoiceRows
          legend={t("timer.title")}
          name="timer"
          value={chosen}
          options={[
            { value: NONE, title: none },
            ...offered.map((one) => ({ value: String(one), title: formatSpan(one) })),
            { value: OWN, title: t("timer.own") },
          ]}
          onChange={setChosen}
        />
      </div>
      {chosen === OWN && (
        <div className={css["own"]}>
          <Field
            label={t("timer.own-amount")}
            value={amount}
            onChange={setAmount}
            inputMode="numeric"
            autoComplete="off"
            error={tooLong ? t("timer.own-too-long") : read === undefined ? t("timer.own-wrong") : undefined}
          />
          <label className={css["unit"]}>
            <span>{t("timer.own-unit")}</span>
            <select
              value={own.unit}
              onChange={(event) => {
                const unit = TIMER_UNITS.find((one) => one === event.currentTarget.value);
                if (unit !== undefined) setOwn({ ...own, unit });
              }}
            >
              {TIMER_UNITS.map((unit: TimerUnit) => (
                <option key={unit} value={unit}>
                  {t(`timer.unit-${unit}` satisfies TextId)}
                </option>
              ))}
            </select>
          </label>
        </div>
      )}
      <div className={css["actions"]}>
        <Button onPress={onClose}>{t("action.cancel")}</Button>
        <Button type="submit" look="primary" isDisabled={wanted === undefined}>
          {t("action.save")}
        </Button>
      </div>
    </form>
  );
}
