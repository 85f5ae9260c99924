import { useState, type ReactNode } from "react";
import { ClientError, type AccountView, type Client } from "@stonechat/core/client-api";
import { Button } from "../design/Button.tsx";
import { Field } from "../design/Field.tsx";
import { Icon, type IconName } from "../design/icons.tsx";
import { Mark } from "../design/Mark.tsx";
import { LANGUAGE_NAMES } from "../locales/language-names.ts";
import { language, switchLanguage, t } from "../locales/texts.ts";
import { LANGUAGES } from "../platform/preferences.ts";
import { describeDevice } from "../platform/describe-device.ts";
import { askToPersist } from "../platform/storage.ts";
import { describeError } from "../state/act.ts";
import { MAX_NAME_LENGTH } from "../text/message-length.ts";
import css from "./WelcomeScreen.module.css";

interface WelcomeScreenProps {
  readonly client: Client;
  readonly link: string | undefined;
  readonly onCreated: (account: AccountView) => void;
}

const PROMISES: readonly {
  readonly icon: IconName;
  readonly id: "welcome.promise-encrypted" | "welcome.promise-no-number" | "welcome.promise-readers";
}[] = [
  { icon: "lock", id: "welcome.promise-encrypted" },
  { icon: "person", id: "welcome.promise-no-number" },
  { icon: "eye", id: "welcome.promise-readers" },
];

/** Makes an account: a name, and a code if this relay asks for one. */
export function WelcomeScreen({ client, link, onCreated }: WelcomeScreenProps): ReactNode {
  const [name, setName] = useState("");
  const [code, setCode] = useState("");
  const [asksCode, setAsksCode] = useState(false);
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const ready = name.trim() !== "" && (!asksCode || code.trim() !== "");

  const create = async (): Promise<void> => {
    if (!ready || busy) return;
    setBusy(true);
    setError(undefined);
    try {
      const account = await client.createAccount({
        name: name.trim(),
        relayUrl: location.origin,
        deviceName: describeDevice(navigator.userAgent),
        ...(asksCode ? { admissionCode: code.trim() } : {}),
      });
      void askToPersist();
      onCreated(account);
    } catch (reason) {
      const wantsCode = reason instanceof ClientError && reason.code === "not-admitted";
      if (wantsCode && !asksCode) setAsksCode(true);
      else setError(describeError(reason));
      setBusy(false);
    }
  };

  return (
    <main className={css["page"]}>
      <div className={css["card"]}>
        <Mark size="large" />
        <h1 className={css["title"]}>{link === undefined ? t("welcome.title") : t("welcome.invited-title")}</h1>
        <p className={css["lead"]}>{link === undefined ? t("welcome.lead") : t("welcome.invited-lead")}</p>
        <form
          className={css["form"]}
          onSubmit={(event) => {
            event.preventDefault();
            void create();
          }}
        >
          <Field
            label={t("welcome.name")}
            hint={t("welcome.name-hint")}
            value={name}
            onChange={setName}
            maxLength={MAX_NAME_LENGTH}
            autoComplete="off"
            isRequired
            validationBehavior="aria"
            error={asksCode ? undefined : error}
          />
          {asksCode && (
            <Field
              label={t("welcome.code")}
              hint={t("welcome.code-hint")}
              value={code}
              onChange={setCode}
              autoComplete="off"
              isRequired
              validationBehavior="aria"
              autoFocus
              error={error}
            />
          )}
          <Button type="submit" look="primary" wide isDisabled={!ready} busy={busy}>
            {busy ? t("welcome.creating") : link === undefined ? t("welcome.create") : t("welcome.create-and-join")}
          </Button>
        </form>
        <Promises />
        <Languages />
      </div>
    </main>
  );
}

function Promises(): ReactNode {
  return (
    <ul className={css["promises"]}>
      {PROMISES.map(({ icon, id }) => (
        <li key={id}>
          <Icon name={icon} />
          <span>{t(id)}</span>
        </li>
      ))}
    </ul>
  );
}

function Languages(): ReactNode {
  return (
    <div className={css["languages"]} role="group" aria-label={t("settings.language")}>
      {LANGUAGES.filter((one) => one !== language()).map((one) => (
        <Button
          key={one}
          look="plain"
          icon="globe"
          onPress={() => {
            void switchLanguage(one);
          }}
        >
          <span lang={one}>{LANGUAGE_NAMES[one]}</span>
        </Button>
      ))}
    </div>
  );
}
