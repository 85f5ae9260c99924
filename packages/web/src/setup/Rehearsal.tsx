import { useEffect, useState, type ReactNode } from "react";
import { Banner } from "../design/Banner.tsx";
import { Button } from "../design/Button.tsx";
import { CardPage } from "../design/CardPage.tsx";
import { Waiting } from "../design/Waiting.tsx";
import { t, type TextId } from "../locales/texts.ts";
import { SecretEntry } from "../lock/SecretEntry.tsx";
import type { CoreHost } from "../platform/core-host.ts";
import type { RehearsalResult } from "../platform/door.ts";
import { describeError } from "../state/act.ts";
import css from "./Rehearsal.module.css";

interface Pins {
  readonly everyday: string;
  readonly duress: string;
}

/** A throw-away vault with two PINs, on which to see what a duress PIN does. Nothing of one's own is touched. */
export function Rehearsal({ host, onEnd }: { readonly host: CoreHost; readonly onEnd: () => void }): ReactNode {
  const { pins, failure } = useThrowAway(host);
  const [results, setResults] = useState<readonly RehearsalResult[]>([]);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const last = results.at(-1);
  const attempt = async (pin: string): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      const result = await host.door.tryRehearsal(pin);
      setResults([...results, result]);
    } catch (reason) {
      setError(describeError(reason));
    }
    setBusy(false);
  };
  if (failure === undefined && pins === undefined) return <Waiting label={t("rehearsal.preparing")} />;
  return (
    <CardPage title={t("rehearsal.title")} lead={t("rehearsal.lead")} mark={false}>
      {failure !== undefined && <Banner tone="danger" icon="warning" title={failure} />}
      {pins !== undefined && (
        <>
          <dl className={css["pins"]}>
            <dt>{t("rehearsal.everyday")}</dt>
            <dd dir="ltr">{pins.everyday}</dd>
            <dt>{t("rehearsal.duress")}</dt>
            <dd dir="ltr">{pins.duress}</dd>
          </dl>
          <div className={css["result"]} role="status">
            {last !== undefined && <p>{t(`rehearsal.${explain(results)}` satisfies TextId)}</p>}
          </div>
          <SecretEntry
            mode="pin"
            action={t("lock.open")}
            error={error}
            busy={busy}
            onSecret={(pin) => void attempt(pin)}
          />
        </>
      )}
      <Button look={results.includes("decoy") ? "primary" : "plain"} onPress={onEnd}>
        {t("rehearsal.end")}
      </Button>
    </CardPage>
  );
}

/** What the last try showed, in the light of those before. */
function explain(results: readonly RehearsalResult[]): RehearsalResult | "gone" {
  const last = results.at(-1) ?? "wrong";
  return last === "wrong" && results.includes("decoy") ? "gone" : last;
}

/** Makes the throw-away vault, and wipes it in the end. */
function useThrowAway({ door }: CoreHost): { readonly pins: Pins | undefined; readonly failure: string | undefined } {
  const [pins, setPins] = useState<Pins>();
  const [failure, setFailure] = useState<string>();
  useEffect(() => {
    const begin = async (): Promise<void> => {
      const everyday = await door.proposeSecret("pin");
      const duress = await door.proposeSecret("pin");
      await door.beginRehearsal(everyday, duress);
      setPins({ everyday, duress });
    };
    begin().catch((reason: unknown) => {
      setFailure(describeError(reason));
    });
    return () => {
      // Its guards forget it in time if they cannot be reached now.
      door.endRehearsal().catch(() => undefined);
    };
  }, [door]);
  return { pins, failure };
}
