import { useState, type ReactNode } from "react";
import type { VaultView } from "@stonechat/core/client-api";
import { Section } from "../design/Pane.tsx";
import { RowButton } from "../design/Row.tsx";
import { Sheet } from "../design/Sheet.tsx";
import { t, type TextId } from "../locales/texts.ts";
import { useClient } from "../state/client-context.ts";
import { notify } from "../state/notices.ts";
import { SecretForm } from "./SecretForm.tsx";

/** Changes what opens this vault. */
export function SecretSection({ vault }: { readonly vault: VaultView }): ReactNode {
  const { client } = useClient();
  const [open, setOpen] = useState(false);
  const { mode } = vault;
  if (mode === "none") return null;
  const close = (): void => {
    setOpen(false);
  };
  const title = t(`security.change-${mode}` satisfies TextId);
  return (
    <Section>
      <RowButton
        icon="key"
        title={title}
        detail={t(`security.change-${mode}-detail` satisfies TextId)}
        end="forward"
        onPress={() => {
          setOpen(true);
        }}
      />
      <Sheet title={title} open={open} onClose={close}>
        <SecretForm
          mode={mode}
          current={t(`secret.current-${mode}` satisfies TextId)}
          action={title}
          onCancel={close}
          onSave={async (next, current) => {
            await client.changeSecret({ current, next });
            notify({ tone: "info", text: t("secret.changed") });
            close();
          }}
        />
      </Sheet>
    </Section>
  );
}
