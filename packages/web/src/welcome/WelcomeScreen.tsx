import { useState, type ReactNode } from "react";
import { ClientError, type AccountView, type Client } from "@stonechat/core/client-api";
import { Button } from "../design/Button.tsx";
import { Field } from "../design/Field.tsx";
import { CardPage } from "../design/CardPage.tsx";
import { t } from "../locales/texts.ts";
import { describeDevice } from "../platform/describe-device.ts";
import { describeError } from "../state/act.ts";
import { MAX_NAME_LENGTH } from "../text/message-length.ts";
import css from "./WelcomeScreen.module.css";

interface WelcomeScreenProps {
  readonly client: Client;
  readonly link: string | undefined;
  readonly onCreated: (account: AccountView) => void;
  /** Goes to where a recovery kit is entered instead; absent where that was chosen before. */
  readonly onKit?: () => void;
}

/** Makes an account: a name, and a code if this relay asks for one. */
export function WelcomeScreen({ client, link, onCreated, onKit }: WelcomeScreenProps): ReactNode {
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
      onCreated(account);
    } catch (reason) {
      const wantsCode = reason instanceof ClientError && reason.code === "not-admitted";
      if (wantsCode && !asksCode) setAsksCode(true);
      else setError(describeError(reason));
      setBusy(false);
    }
  };

  return (
    <CardPage
      title={link === undefined ? t("welcome.title") : t("welcome.invited-title")}
      lead={link === undefined ? t("welcome.name-lead") : t("welcome.invited-lead")}
    >
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
      {onKit !== undefined && (
        <Button look="plain" icon="key" onPress={onKit}>
          {t("setup.have-kit")}
        </Button>
      )}
    </CardPage>
  );
}
