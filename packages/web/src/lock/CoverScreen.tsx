import { useState, type ReactNode } from "react";
import type { Client, VaultMode } from "@stonechat/core/client-api";
import { Notepad } from "../cover/Notepad.tsx";
import { CardPage } from "../design/CardPage.tsx";
import { t } from "../locales/texts.ts";
import { readCovered } from "../platform/preferences.ts";
import { mayBeSecret } from "./may-be-secret.ts";
import { SecretEntry } from "./SecretEntry.tsx";

/** Wrong secrets in a row that a covered app bears before it locks. */
const TRIES = 3;

interface CoverScreenProps {
  readonly client: Client;
  readonly mode: VaultMode;
  readonly onOpen: () => void;
  readonly onLock: () => void;
}

/** In place of the app while nobody pressed anything for a while: no content is left on the page. */
export function CoverScreen({ client, mode, onOpen, onLock }: CoverScreenProps): ReactNode {
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [tries, setTries] = useState(1);
  const uncover = async (secret: string): Promise<void> => {
    setBusy(true);
    // A failure counts as a wrong secret: locking is always safe.
    const right = await client.recognisesSecret(secret).catch(() => false);
    if (right) {
      onOpen();
      return;
    }
    if (tries >= TRIES) {
      onLock();
      return;
    }
    setTries(tries + 1);
    setError(t("lock.wrong"));
    setBusy(false);
  };
  if (readCovered()) {
    return (
      <Notepad
        onTry={(text) => {
          if (!busy && mayBeSecret(mode, text)) void uncover(text);
        }}
        onReveal={onLock}
      />
    );
  }
  return (
    <CardPage title={t("lock.title")} lead={t("lock.covered-lead")}>
      <SecretEntry
        mode={mode}
        action={t("lock.open")}
        error={error}
        busy={busy}
        onSecret={(secret) => void uncover(secret)}
      />
    </CardPage>
  );
}
