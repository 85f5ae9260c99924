import { useState, type ReactNode } from "react";
import type { Client, VaultMode } from "@stonechat/core/client-api";
import { Notepad } from "../cover/Notepad.tsx";
import { CardPage } from "../design/CardPage.tsx";
import { t } from "../locales/texts.ts";
import { readCovered } from "../platform/preferences.ts";
import { judgeAtCover } from "./at-cover.ts";
import { mayBeSecret } from "./may-be-secret.ts";
import { SecretEntry } from "./SecretEntry.tsx";

interface CoverScreenProps {
  readonly client: Client;
  readonly mode: VaultMode;
  /** The vault that is open is the decoy, visited from the real one. */
  readonly visiting: boolean;
  readonly onOpen: () => void;
  readonly onLock: () => void;
  /** Locks, and gives the secret to the door: it is not this vault's. */
  readonly onPassOn: (secret: string) => void;
}

/** In place of the app while nobody pressed anything for a while: no content is left on the page. */
export function CoverScreen({ client, mode, visiting, onOpen, onLock, onPassOn }: CoverScreenProps): ReactNode {
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState(0);
  const uncover = async (secret: string): Promise<void> => {
    setBusy(true);
    // A failure counts as a wrong secret: locking is always safe.
    const right = await client.recognisesSecret(secret).catch(() => false);
    switch (judgeAtCover(right, mode, visiting, wrong)) {
      case "uncover":
        onOpen();
        return;
      case "lock":
        onLock();
        return;
      case "pass-on":
        onPassOn(secret);
        return;
      case "again":
        setWrong(wrong + 1);
        setError(t("lock.wrong"));
        setBusy(false);
    }
  };
  if (readCovered()) {
    return (
      <Notepad
        onTry={(text) => {
          const isSecret = mayBeSecret(mode, text);
          if (isSecret && !busy) void uncover(text);
          return isSecret;
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
