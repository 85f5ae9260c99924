import { lazy, Suspense, useEffect, useMemo, useState, type ReactNode } from "react";
import type { Client, VaultView } from "@stonechat/core/client-api";
import { Waiting } from "../design/Waiting.tsx";
import { CoverScreen } from "../lock/CoverScreen.tsx";
import { useAutoLock } from "../lock/use-auto-lock.ts";
import { formatNumber } from "../locales/format.ts";
import { t } from "../locales/texts.ts";
import type { CoreHost } from "../platform/core-host.ts";
import { act } from "../state/act.ts";
import { useConnectionCheck } from "../state/use-connection-check.ts";
import { dismissAll, notify } from "../state/notices.ts";
import { VaultActionsContext, type VaultActions } from "../state/vault-actions.ts";

const Rehearsal = lazy(async () => ({ default: (await import("../setup/Rehearsal.tsx")).Rehearsal }));

interface SessionProps {
  readonly host: CoreHost;
  readonly client: Client;
  readonly children: ReactNode;
}

/** From unlocking to locking: what locks by itself, and what can be done to the vault from inside. */
export function Session({ host, client, children }: SessionProps): ReactNode {
  const [vault, setVault] = useState<Pick<VaultView, "mode" | "visiting">>({ mode: "pin", visiting: false });
  const [rehearsing, setRehearsing] = useState(false);
  const { covered, uncover } = useAutoLock(client, (how) => void act(() => host.lock({ burn: how === "by-time" })));
  useConnectionCheck(client);
  const actions = useMemo(
    () =>
      toActions(host, () => {
        setRehearsing(true);
      }),
    [host],
  );
  useEffect(() => {
    // Asked for once, so that the cover need not wait for it.
    void client.vault().then((found) => {
      if (found !== undefined) setVault(found);
    });
  }, [client]);
  useEffect(() => {
    if (covered) dismissAll();
  }, [covered]);
  if (covered) {
    return (
      <CoverScreen
        client={client}
        mode={vault.mode}
        visiting={vault.visiting}
        onOpen={uncover}
        onLock={() => void act(() => host.lock({ burn: false }))}
        onPassOn={(secret) => void act(() => passOn(host, secret))}
      />
    );
  }
  if (rehearsing) {
    return (
      <Suspense fallback={<Waiting label={t("app.loading")} />}>
        <Rehearsal
          host={host}
          onEnd={() => {
            setRehearsing(false);
          }}
        />
      </Suspense>
    );
  }
  return <VaultActionsContext value={actions}>{children}</VaultActionsContext>;
}

/** What a secret does that is not the open vault's: as on the lock screen, to which a wrong one leads. */
async function passOn(host: CoreHost, secret: string): Promise<void> {
  await host.lock({ burn: false });
  const result = await host.door.unlock(secret);
  switch (result.type) {
    case "opened":
      break;
    case "wrong":
      notify({ tone: "error", text: t("lock.wrong") });
      break;
    case "unreachable": {
      const [reached, needed] = [formatNumber(result.reached), formatNumber(result.needed)];
      notify({ tone: "error", text: t("lock.unreachable", { reached, needed }) });
    }
  }
}

/** What the screens inside can ask of the place around them. */
export function toActions(host: CoreHost, rehearse: () => void): VaultActions {
  return {
    proposeSecret: (mode) => host.door.proposeSecret(mode),
    judgeSecret: (mode, secret) => host.door.judgeSecret(mode, secret),
    shuffledDigits: () => host.door.shuffledDigits(),
    lock: () => host.lock({ burn: true }),
    visitDecoy: () => host.visitDecoy(),
    rehearse: () => {
      rehearse();
      return Promise.resolve();
    },
    wipe: () => host.wipe(),
    leaveForTravel: () => host.leaveForTravel(),
  };
}
