import { useState, type ReactNode } from "react";
import type { InviteView } from "@stonechat/core/client-api";
import { IconButton } from "../design/Button.tsx";
import { Section } from "../design/Pane.tsx";
import { Row } from "../design/Row.tsx";
import { Confirm } from "../design/Sheet.tsx";
import { formatDate } from "../locales/format.ts";
import { t } from "../locales/texts.ts";
import { act } from "../state/act.ts";
import { useClient } from "../state/client-context.ts";
import { useLive } from "../state/live.ts";
import { invitesQuestion } from "../state/questions.ts";

interface OpenInvitesProps {
  readonly onShow: (invite: InviteView) => void;
  readonly shown: string | undefined;
}

/** Links that still work, each to be shown again or taken back. */
export function OpenInvites({ onShow, shown }: OpenInvitesProps): ReactNode {
  const { client } = useClient();
  const { value: invites } = useLive(invitesQuestion);
  const [revoking, setRevoking] = useState<InviteView>();
  const open = invites?.filter(({ state, id }) => state === "open" && id !== shown) ?? [];
  if (open.length === 0) return null;
  return (
    <Section title={t("invite.open-title")}>
      {open.map((invite) => {
        const made = formatDate(invite.createdAt);
        return (
          <Row
            key={invite.id}
            icon="link"
            title={t(invite.reusable ? "invite.open-reusable" : "invite.open-once", { at: made })}
            detail={t("invite.until", { at: formatDate(invite.expiresAt) })}
          >
            <IconButton
              icon="scan"
              label={t("invite.show", { at: made })}
              onPress={() => {
                onShow(invite);
              }}
            />
            <IconButton
              icon="trash"
              label={t("invite.revoke-named", { at: made })}
              onPress={() => {
                setRevoking(invite);
              }}
            />
          </Row>
        );
      })}
      <Confirm
        title={t("invite.revoke-title")}
        text={<p>{t("invite.revoke-text")}</p>}
        action={t("invite.revoke")}
        open={revoking !== undefined}
        onClose={() => {
          setRevoking(undefined);
        }}
        onConfirm={() => {
          if (revoking !== undefined) void act(() => client.revokeInvite(revoking.id));
        }}
      />
    </Section>
  );
}
