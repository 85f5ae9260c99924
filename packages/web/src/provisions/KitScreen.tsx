import { useState, type ReactNode } from "react";
import { createPortal } from "react-dom";
import type { RecoveryKitView } from "@stonechat/core/client-api";
import { Banner } from "../design/Banner.tsx";
import { Button } from "../design/Button.tsx";
import { PaneBody, Section } from "../design/Pane.tsx";
import { PaneHeader } from "../design/PaneHeader.tsx";
import { Row, RowButton } from "../design/Row.tsx";
import { Confirm } from "../design/Sheet.tsx";
import { formatDate } from "../locales/format.ts";
import { t } from "../locales/texts.ts";
import { Wall } from "../security/Wall.tsx";
import { act } from "../state/act.ts";
import { useClient } from "../state/client-context.ts";
import { useLive } from "../state/live.ts";
import { notify } from "../state/notices.ts";
import { kitMadeAtQuestion } from "../state/questions.ts";
import { KitSheet } from "./KitSheet.tsx";
import paper from "./KitSheet.module.css";
import css from "./Provisions.module.css";

/** The recovery kit: what it is for, making it, printing it, taking it back. */
export function KitScreen(): ReactNode {
  const { client } = useClient();
  const [kit, setKit] = useState<RecoveryKitView>();
  const [busy, setBusy] = useState(false);
  const make = async (): Promise<void> => {
    setBusy(true);
    await act(async () => {
      setKit(await client.recoveryKit());
    });
    setBusy(false);
  };
  return (
    <>
      <PaneHeader title={t("kit.title")} parent={{ screen: "security" }} />
      <PaneBody>
        {kit === undefined ? (
          <Before busy={busy} onMake={() => void make()} />
        ) : (
          <Made
            kit={kit}
            onDone={() => {
              setKit(undefined);
            }}
          />
        )}
      </PaneBody>
    </>
  );
}

function Before({ busy, onMake }: { readonly busy: boolean; readonly onMake: () => void }): ReactNode {
  const { client } = useClient();
  const { value: known } = useLive(kitMadeAtQuestion);
  const [revoked, setRevoked] = useState(false);
  const [asking, setAsking] = useState<"show" | "revoke">();
  const madeAt = revoked || known === "never" ? undefined : known;
  const close = (): void => {
    setAsking(undefined);
  };
  return (
    <>
      <p>{t("kit.text")}</p>
      {madeAt === undefined || asking === "show" ? (
        <Wall
          lead={t("kit.lead")}
          points={[t("kit.point-brings"), t("kit.point-never"), t("kit.point-paper"), t("kit.point-printer")]}
          action={busy ? t("kit.making") : t("kit.make")}
          busy={busy}
          onContinue={onMake}
        />
      ) : (
        <Section note={t("kit.renew-note")}>
          <Row icon="print" title={t("kit.made")} detail={formatDate(madeAt)} />
          <RowButton
            icon="eye"
            title={t("kit.show")}
            detail={t("kit.show-detail")}
            end="forward"
            onPress={() => {
              setAsking("show");
            }}
          />
          <RowButton
            icon="trash"
            look="danger"
            title={t("kit.revoke")}
            detail={t("kit.revoke-detail")}
            onPress={() => {
              setAsking("revoke");
            }}
          />
        </Section>
      )}
      <Confirm
        title={t("kit.revoke-title")}
        text={<p>{t("kit.revoke-text")}</p>}
        action={t("kit.revoke")}
        open={asking === "revoke"}
        onClose={close}
        onConfirm={() =>
          void act(async () => {
            await client.revokeRecoveryKit();
            setRevoked(true);
            notify({ tone: "info", text: t("kit.revoked") });
          })
        }
      />
    </>
  );
}

function Made({ kit, onDone }: { readonly kit: RecoveryKitView; readonly onDone: () => void }): ReactNode {
  return (
    <>
      <div className={css["banner"]}>
        <Banner tone="warn" icon="warning" title={t("kit.secret-title")} text={t("kit.secret-text")} />
      </div>
      <KitSheet kit={kit} />
      <div className={css["actions"]}>
        <Button onPress={onDone}>{t("kit.put-away")}</Button>
        <Button
          look="primary"
          icon="print"
          onPress={() => {
            print();
          }}
        >
          {t("kit.print")}
        </Button>
      </div>
      {createPortal(
        <div className={paper["paper"]} aria-hidden="true">
          <KitSheet kit={kit} />
        </div>,
        document.body,
      )}
    </>
  );
}
