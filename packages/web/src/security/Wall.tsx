import { useState, type ReactNode } from "react";
import { Button } from "../design/Button.tsx";
import { t } from "../locales/texts.ts";
import css from "./Wall.module.css";

interface WallProps {
  readonly lead: string;
  readonly points: readonly string[];
  readonly action?: string;
  readonly busy?: boolean;
  readonly onCancel?: () => void;
  readonly onContinue: () => void;
}

/** What must be known before one goes on: read, then agreed to. */
export function Wall({ lead, points, action, busy = false, onCancel, onContinue }: WallProps): ReactNode {
  const [read, setRead] = useState(false);
  return (
    <div className={css["wall"]}>
      <p>{lead}</p>
      <ul className={css["points"]}>
        {points.map((point) => (
          <li key={point}>{point}</li>
        ))}
      </ul>
      <label className={css["read"]}>
        <input
          type="checkbox"
          checked={read}
          onChange={(event) => {
            setRead(event.currentTarget.checked);
          }}
        />
        <span>{t("wall.read")}</span>
      </label>
      <div className={css["actions"]}>
        {onCancel !== undefined && <Button onPress={onCancel}>{t("action.cancel")}</Button>}
        <Button look="primary" isDisabled={!read} busy={busy} onPress={onContinue}>
          {action ?? t("action.continue")}
        </Button>
      </div>
    </div>
  );
}
