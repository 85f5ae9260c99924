import { useState, type ReactNode } from "react";
import { navigate } from "../app/router.ts";
import { useWide } from "../app/use-media.ts";
import { NameSheet } from "../contacts/NameSheet.tsx";
import { Avatar } from "../design/Avatar.tsx";
import { PaneBody, Section } from "../design/Pane.tsx";
import { PaneHeader } from "../design/PaneHeader.tsx";
import { ChoiceRows, Row, RowButton, SwitchRow } from "../design/Row.tsx";
import { formatDate, formatMoment } from "../locales/format.ts";
import { LANGUAGE_NAMES } from "../locales/language-names.ts";
import { switchLanguage, t, useLanguage, type TextId } from "../locales/texts.ts";
import { NotificationRow } from "../notifications/NotificationRow.tsx";
import { keepTheme, LANGUAGES, readTheme, THEMES, type Theme } from "../platform/preferences.ts";
import { applyTheme } from "../platform/theme.ts";
import { VERSION } from "../platform/version.ts";
import { act } from "../state/act.ts";
import { useClient } from "../state/client-context.ts";
import { useLive } from "../state/live.ts";
import { devicesQuestion, putBacksQuestion, settingsQuestion } from "../state/questions.ts";
import css from "./SettingsScreen.module.css";

/** Name, devices, privacy, look, language, and what this program is. */
export function SettingsScreen(): ReactNode {
  const wide = useWide();
  return (
    <>
      <PaneHeader title={t("settings.title")} {...(wide ? {} : { parent: { screen: "list" } as const })} />
      <PaneBody>
        <Profile />
        <Devices />
        <Privacy />
        <Look />
        <About />
      </PaneBody>
    </>
  );
}

function Profile(): ReactNode {
  const { client, account } = useClient();
  const [open, setOpen] = useState(false);
  return (
    <>
      <div className={css["head"]}>
        <Avatar id={account.id} name={account.name} size="large" />
        <p className={css["name"]} dir="auto">
          {account.name}
        </p>
      </div>
      <Section note={t("settings.name-note")}>
        <RowButton
          icon="person"
          title={t("settings.name")}
          detail={account.name}
          end="forward"
          onPress={() => {
            setOpen(true);
          }}
        />
      </Section>
      <NameSheet
        title={t("settings.name")}
        label={t("welcome.name")}
        hint={t("welcome.name-hint")}
        name={account.name}
        open={open}
        onClose={() => {
          setOpen(false);
        }}
        onSave={(name) => client.setName(name)}
      />
    </>
  );
}

function Devices(): ReactNode {
  const { value: devices } = useLive(devicesQuestion);
  return (
    <Section title={t("settings.devices")}>
      {devices?.map((device) => (
        <Row
          key={device.id}
          icon="device"
          title={device.name}
          detail={
            device.current ? t("settings.this-device") : t("settings.device-since", { at: formatDate(device.addedAt) })
          }
        />
      ))}
    </Section>
  );
}

/** The last time that a relay was put back to an earlier state, also after that was read. */
function PutBacks(): ReactNode {
  const { value: putBacks } = useLive(putBacksQuestion);
  return putBacks?.map(({ relayUrl, noticedAt }) => (
    <Row
      key={relayUrl}
      icon="warning"
      title={t("settings.put-back")}
      detail={`${formatMoment(noticedAt)} · ${relayUrl}`}
    />
  ));
}

function Privacy(): ReactNode {
  const { client } = useClient();
  const { value: settings } = useLive(settingsQuestion);
  if (settings === undefined) return null;
  return (
    <Section title={t("settings.privacy")}>
      <RowButton
        icon="lock"
        title={t("security.title")}
        detail={t("security.row")}
        end="forward"
        onPress={() => {
          navigate({ screen: "security" });
        }}
      />
      <SwitchRow
        icon="receipt"
        title={t("settings.receipts")}
        detail={t("settings.receipts-detail")}
        on={settings.readReceipts}
        onChange={(readReceipts) => void act(() => client.setSettings({ ...settings, readReceipts }))}
      />
      <NotificationRow />
      <PutBacks />
    </Section>
  );
}

function Look(): ReactNode {
  const chosen = useLanguage();
  const [theme, setTheme] = useState<Theme>(readTheme);
  return (
    <>
      <Section title={t("settings.theme")}>
        <ChoiceRows
          legend={t("settings.theme")}
          name="theme"
          value={theme}
          options={THEMES.map((value) => ({ value, title: t(`settings.theme-${value}` satisfies TextId) }))}
          onChange={(next) => {
            setTheme(next);
            keepTheme(next);
            applyTheme(next);
          }}
        />
      </Section>
      <Section title={t("settings.language")} note={t("settings.kept-note")}>
        <ChoiceRows
          legend={t("settings.language")}
          name="language"
          value={chosen}
          options={LANGUAGES.map((value) => ({ value, title: LANGUAGE_NAMES[value], lang: value }))}
          onChange={(next) => void switchLanguage(next)}
        />
      </Section>
    </>
  );
}

function About(): ReactNode {
  const { account } = useClient();
  return (
    <Section title={t("settings.about")} note={t("settings.licence-note")}>
      <Row icon="info" title={t("settings.version", { version: VERSION })} detail={t("settings.licence")} />
      <Row icon="globe" title={t("settings.relay")} detail={new URL(account.relayUrl).host} />
    </Section>
  );
}
