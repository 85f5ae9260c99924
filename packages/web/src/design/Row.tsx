import type { ReactNode } from "react";
import { Button as AriaButton } from "react-aria-components/Button";
import { Icon, type IconName } from "./icons.tsx";
import { cx } from "./cx.ts";
import css from "./Row.module.css";

interface RowProps {
  readonly icon?: IconName;
  readonly lead?: ReactNode;
  readonly title: string;
  readonly detail?: string | undefined;
  /** Controls or a state at the row's end. */
  readonly children?: ReactNode;
}

/** One line of a card: a picture, a title, a detail, and what one can do. */
export function Row({ icon, lead, title, detail, children }: RowProps): ReactNode {
  return (
    <div className={css["row"]}>
      <RowContent icon={icon} lead={lead} title={title} detail={detail} />
      {children}
    </div>
  );
}

interface RowButtonProps extends Omit<RowProps, "children"> {
  readonly onPress: () => void;
  readonly look?: "plain" | "danger" | "accent";
  readonly end?: IconName;
}

/** A whole row that does one thing. */
export function RowButton({ icon, lead, title, detail, onPress, look = "plain", end }: RowButtonProps): ReactNode {
  return (
    <AriaButton onPress={onPress} className={cx(css["row"], css["press"], css[look])}>
      <RowContent icon={icon} lead={lead} title={title} detail={detail} />
      {end !== undefined && (
        <span className={css["end"]}>
          <Icon name={end} />
        </span>
      )}
    </AriaButton>
  );
}

function RowContent({
  icon,
  lead,
  title,
  detail,
}: {
  icon: IconName | undefined;
  lead: ReactNode;
  title: string;
  detail: string | undefined;
}): ReactNode {
  return (
    <>
      {icon !== undefined && (
        <span className={css["icon"]}>
          <Icon name={icon} />
        </span>
      )}
      {lead}
      <span className={css["text"]}>
        <span className={css["title"]} dir="auto">
          {title}
        </span>
        {detail !== undefined && (
          <span className={css["detail"]} dir="auto">
            {detail}
          </span>
        )}
      </span>
    </>
  );
}

interface SwitchRowProps {
  readonly icon?: IconName;
  readonly title: string;
  readonly detail?: string;
  readonly on: boolean;
  readonly onChange: (on: boolean) => void;
}

/** A row that is on or off. */
export function SwitchRow({ icon, title, detail, on, onChange }: SwitchRowProps): ReactNode {
  return (
    <label className={cx(css["row"], css["press"])}>
      <RowContent icon={icon} lead={undefined} title={title} detail={detail} />
      <input
        type="checkbox"
        role="switch"
        className={css["switch"]}
        checked={on}
        onChange={(event) => {
          onChange(event.currentTarget.checked);
        }}
      />
    </label>
  );
}

interface ChoiceRowsProps<T extends string> {
  readonly legend: string;
  readonly name: string;
  readonly value: T;
  readonly options: readonly {
    readonly value: T;
    readonly title: string;
    readonly detail?: string;
    readonly lang?: string;
  }[];
  readonly onChange: (value: T) => void;
}

/** Rows of which exactly one is chosen. */
export function ChoiceRows<T extends string>({
  legend,
  name,
  value,
  options,
  onChange,
}: ChoiceRowsProps<T>): ReactNode {
  return (
    <fieldset className={css["choices"]}>
      <legend className={css["legend"]}>{legend}</legend>
      {options.map((option) => (
        <label key={option.value} className={cx(css["row"], css["press"])}>
          <span className={css["text"]}>
            <span className={css["title"]} lang={option.lang}>
              {option.title}
            </span>
            {option.detail !== undefined && <span className={css["detail"]}>{option.detail}</span>}
          </span>
          <input
            type="radio"
            className={css["radio"]}
            name={name}
            checked={option.value === value}
            onChange={() => {
              onChange(option.value);
            }}
          />
        </label>
      ))}
    </fieldset>
  );
}
