import { useState, type ReactNode } from "react";
import type { InviteView } from "@stonechat/core/client-api";
import { Button } from "../design/Button.tsx";
import { Section } from "../design/Pane.tsx";
import { SwitchRow } from "../design/Row.tsx";
import { t } from "../locales/texts.ts";
import { act } from "../state/act.ts";
import { useClient } from "../state/client-context.ts";
import css from "./MakeInvite.module.css";

const DAY_MS = 86_400_000;
const DAYS = [1, 7, 30] as const;

/** Chooses how long and how often a new link may be used, and makes it. */
export function MakeInvite({ onMade }: { readonly onMade: (invite: InviteView) => void }): ReactNode {
  const { client } = useClient();
  const [days, setDays] = useState<number>(7);
  const [reusable, setReusable] = useState(false);
  const [busy, setBusy] = useState(false);
  const make = async (): Promise<void> => {
    setBusy(true);
    await act(async () => {
      onMade(await client.createInvite({ reusable, expiresInMs: days * DAY_MS }));
    });
    setBusy(false);
  };
  return (
    <section className={css["make"]}>
      <h2 className={css["title"]}>{t("invite.make-title")}</h2>
      <p className={css["text"]}>{t("invite.make-text")}</p>
      <Section>
        <label className={css["expiry"]}>
          <span>{t("invite.expires")}</span>
          <select
            value={days}
            onChange={(event) => {
              setDays(Number(event.currentTarget.value));
            }}
          >
            {DAYS.map((count) => (
              <option key={count} value={count}>
                {t("invite.days", { count })}
              </option>
            ))}
          </select>
        </label>
        <SwitchRow
          title={t("invite.reusable")}
          detail={t(reusable ? "invite.reusable-on" : "invite.reusable-off")}
          on={reusable}
          onChange={setReusable}
        />
      </Section>
      <Button
        look="primary"
        icon="link"
        wide
        busy={busy}
        onPress={() => {
          void make();
        }}
      >
        {t("invite.make")}
      </Button>
    </section>
  );
}
