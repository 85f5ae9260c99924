import { useState, type ReactNode } from "react";
import type { BurnOutcome, LockSettings, VaultView } from "@stonechat/core/client-api";
import { Section } from "../design/Pane.tsx";
import { RowButton } from "../design/Row.tsx";
import { formatMoment, formatSpan } from "../locales/format.ts";
import { t, type TextId } from "../locales/texts.ts";
import { act } from "../state/act.ts";
import { useClient } from "../state/client-context.ts";
import { useLive } from "../state/live.ts";
import { notify } from "../state/notices.ts";
import { lockSettingsQuestion } from "../state/questions.ts";
import { useVaultActions } from "../state/vault-actions.ts";
import { fromChoice, offeredTimes, toChoice } from "./lock-times.ts";
import css from "./LockSection.module.css";

const DELAYS = [
  { which: "softAfterMs", text: "soft" },
  { which: "hardAfterMs", text: "hard" },
  { which: "hiddenAfterMs", text: "hidden" },
] as const;

/** When the app locks by itself; locking and burning now. */
export function LockSection({ vault }: { readonly vault: VaultView }): ReactNode {
  const { client } = useClient();
  const actions = useVaultActions();
  const { value: settings } = useLive(lockSettingsQuestion);
  return (
    <Section title={t("security.lock")} note={t("security.lock-note")}>
      <RowButton
        icon="lock"
        look="accent"
        title={t("security.lock-now")}
        detail={t("security.lock-now-detail")}
        onPress={() => void act(actions.lock)}
      />
      {settings !== undefined &&
        DELAYS.map(({ which, text }) => (
          <Delay
            key={which}
            which={which}
            text={text}
            settings={settings}
            onChange={(next) => void act(() => client.setLockSettings(next))}
          />
        ))}
      <Burn vault={vault} />
    </Section>
  );
}

function Delay({
  which,
  text,
  settings,
  onChange,
}: {
  readonly which: keyof LockSettings;
  readonly text: (typeof DELAYS)[number]["text"];
  readonly settings: LockSettings;
  readonly onChange: (settings: LockSettings) => void;
}): ReactNode {
  const present = settings[which];
  return (
    <label className={css["delay"]}>
      <span className={css["text"]}>
        <span>{t(`security.${text}` satisfies TextId)}</span>
        <span className={css["detail"]}>{t(`security.${text}-detail` satisfies TextId)}</span>
      </span>
      <select
        value={toChoice(present)}
        onChange={(event) => {
          onChange({ ...settings, [which]: fromChoice(event.currentTarget.value) });
        }}
      >
        {offeredTimes(which, present).map((delay) => (
          <option key={toChoice(delay)} value={toChoice(delay)}>
            {delay === undefined
              ? t("security.never")
              : delay === 0
                ? t("security.at-once")
                : t("security.after", { time: formatSpan(delay / 1_000) })}
          </option>
        ))}
      </select>
    </label>
  );
}

function Burn({ vault }: { readonly vault: VaultView }): ReactNode {
  const { client } = useClient();
  const [outcome, setOutcome] = useState<BurnOutcome | "busy">();
  const burn = async (): Promise<void> => {
    setOutcome("busy");
    const done = await act(async () => {
      const result = await client.burn();
      setOutcome(result);
      notify({ tone: result === "burned" ? "info" : "error", text: t(`security.burn-${result}` satisfies TextId) });
    });
    if (!done) setOutcome(undefined);
  };
  const busy = outcome === "busy";
  const last =
    vault.burntAt === undefined
      ? t("security.burn-detail")
      : `${t("security.burn-detail")} ${t("security.burnt-at", { at: formatMoment(vault.burntAt) })}`;
  return (
    <RowButton
      icon="flame"
      title={t(busy ? "security.burning" : "security.burn-now")}
      detail={outcome === undefined || busy ? last : t(`security.burn-${outcome}` satisfies TextId)}
      // It stays where it is, or the focus would be lost.
      onPress={() => {
        if (!busy) void burn();
      }}
    />
  );
}
