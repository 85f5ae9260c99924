import { useState, type ReactNode } from "react";
import type { VaultStatus } from "@stonechat/core/client-api";
import { Notepad } from "../cover/Notepad.tsx";
import { CardPage } from "../design/CardPage.tsx";
import { formatNumber } from "../locales/format.ts";
import { t } from "../locales/texts.ts";
import type { CoreHost } from "../platform/core-host.ts";
import { readCovered } from "../platform/preferences.ts";
import { act, describeError } from "../state/act.ts";
import { EraseButton } from "./EraseButton.tsx";
import { mayBeSecret } from "./may-be-secret.ts";
import { SecretEntry } from "./SecretEntry.tsx";

interface LockScreenProps {
  readonly host: CoreHost;
  readonly status: Extract<VaultStatus, { readonly type: "locked" }>;
}

/** Before a vault, whichever it is: nothing here depends on what the secret may open. */
export function LockScreen({ host, status }: LockScreenProps): ReactNode {
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [revealed, setRevealed] = useState(false);
  const unlock = async (secret: string): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      const result = await host.door.unlock(secret);
      if (result.type === "opened") return;
      setError(
        result.type === "wrong"
          ? t("lock.wrong")
          : t("lock.unreachable", { reached: formatNumber(result.reached), needed: formatNumber(result.needed) }),
      );
    } catch (reason) {
      setError(describeError(reason));
    }
    setBusy(false);
  };
  if (readCovered() && !revealed) {
    return (
      <Notepad
        onTry={(text) => {
          const isSecret = mayBeSecret(status.mode, text);
          if (isSecret && !busy) void unlock(text);
          return isSecret;
        }}
        onReveal={() => {
          setRevealed(true);
        }}
      />
    );
  }
  return (
    <CardPage title={t("lock.title")} lead={t("lock.lead")}>
      <SecretEntry
        mode={status.mode}
        action={t("lock.open")}
        error={error}
        busy={busy}
        onSecret={(secret) => void unlock(secret)}
      />
      <EraseButton onErase={() => void act(() => host.wipe())} />
    </CardPage>
  );
}
