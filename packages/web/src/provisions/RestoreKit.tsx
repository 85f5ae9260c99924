import { useState, type ReactNode } from "react";
import { ClientError, type AccountView, type Client, type RestoreView } from "@stonechat/core/client-api";
import { Banner } from "../design/Banner.tsx";
import { Button } from "../design/Button.tsx";
import { Field } from "../design/Field.tsx";
import { t } from "../locales/texts.ts";
import { describeDevice } from "../platform/describe-device.ts";
import { describeError } from "../state/act.ts";
import { MAX_NAME_LENGTH } from "../text/message-length.ts";
import { PaperForm, type Paper } from "./PaperForm.tsx";
import css from "./Provisions.module.css";

/** Words of a recovery kit. */
const KIT_WORDS = 25;

interface RestoreKitProps {
  /** Open, and without an account. */
  readonly client: Client;
  readonly onRestored: (account: AccountView) => void;
  readonly onBack: () => void;
}

/** In place of a new account: becomes oneself again from the paper, and says what came back and what did not. */
export function RestoreKit({ client, onRestored, onBack }: RestoreKitProps): ReactNode {
  const [result, setResult] = useState<RestoreView>();
  if (result === undefined) return <Enter client={client} onBack={onBack} onResult={setResult} />;
  return (
    <Result
      result={result}
      onDone={() => {
        onRestored(result.account);
      }}
    />
  );
}

function Enter({
  client,
  onBack,
  onResult,
}: Omit<RestoreKitProps, "onRestored"> & { readonly onResult: (result: RestoreView) => void }): ReactNode {
  const [name, setName] = useState("");
  const [code, setCode] = useState<string>();
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const restore = async ({ code: kit, relayUrl }: Paper): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      onResult(
        await client.restoreFromKit({
          kit,
          deviceName: describeDevice(navigator.userAgent),
          ...(relayUrl === undefined ? {} : { relayUrl }),
          ...(name.trim() === "" ? {} : { name: name.trim() }),
          ...(code === undefined || code.trim() === "" ? {} : { admissionCode: code.trim() }),
        }),
      );
    } catch (reason) {
      if (reason instanceof ClientError && reason.code === "not-admitted" && code === undefined) setCode("");
      else setError(describeError(reason));
      setBusy(false);
    }
  };
  return (
    <PaperForm
      text={t("restore.kit-text")}
      label={t("restore.kit-words")}
      count={KIT_WORDS}
      action={busy ? t("restore.working") : t("restore.kit-do")}
      busy={busy}
      error={error}
      onPaper={(paper) => void restore(paper)}
      onBack={onBack}
    >
      <Field
        label={t("restore.name")}
        hint={t("restore.name-hint")}
        value={name}
        onChange={setName}
        maxLength={MAX_NAME_LENGTH}
        autoComplete="off"
      />
      {code !== undefined && <AdmissionCode code={code} onChange={setCode} />}
    </PaperForm>
  );
}

function AdmissionCode({
  code,
  onChange,
}: {
  readonly code: string;
  readonly onChange: (code: string) => void;
}): ReactNode {
  return (
    <Field
      label={t("welcome.code")}
      hint={t("welcome.code-hint")}
      value={code}
      onChange={onChange}
      autoComplete="off"
      autoFocus
    />
  );
}

function Result({ result, onDone }: { readonly result: RestoreView; readonly onDone: () => void }): ReactNode {
  const { contacts, groups, guardRecords, guardRecordsRevoked } = result;
  const left = guardRecords - guardRecordsRevoked;
  return (
    <div className={css["card"]}>
      <h2 className={css["title"]} tabIndex={-1} ref={focus}>
        {t("restore.done")}
      </h2>
      <ul className={css["list"]}>
        <li>{t("restore.identity", { name: result.account.name })}</li>
        {result.file === "found" && <li>{t("restore.contacts", { count: contacts })}</li>}
        {result.file === "found" && <li>{t("restore.groups", { count: groups })}</li>}
        <li>{t("restore.devices")}</li>
        {guardRecords > 0 && left === 0 && <li>{t("restore.guards-all")}</li>}
      </ul>
      {result.file === "missing" && (
        <Banner tone="warn" icon="warning" title={t("restore.no-file")} text={t("restore.no-file-text")} />
      )}
      {left > 0 && (
        <Banner
          tone="warn"
          icon="warning"
          title={t("restore.guards-left", { count: left })}
          text={t("restore.guards-left-text")}
        />
      )}
      <h3>{t("restore.missing")}</h3>
      <p className={css["soft"]}>{t("restore.missing-text")}</p>
      <div className={css["actions"]}>
        <Button look="primary" onPress={onDone}>
          {t("action.continue")}
        </Button>
      </div>
    </div>
  );
}

/** The result is read out when it appears. */
function focus(heading: HTMLElement | null): void {
  heading?.focus({ preventScroll: true });
}
