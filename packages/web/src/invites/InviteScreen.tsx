import { useState, type ReactNode } from "react";
import type { InviteView } from "@stonechat/core/client-api";
import { useWide } from "../app/use-media.ts";
import { PaneHeader } from "../design/PaneHeader.tsx";
import { PaneBody } from "../design/Pane.tsx";
import { t } from "../locales/texts.ts";
import { EnterLink } from "./EnterLink.tsx";
import { InviteCard } from "./InviteCard.tsx";
import { MakeInvite } from "./MakeInvite.tsx";
import { OpenInvites } from "./OpenInvites.tsx";
import { UseLink } from "./UseLink.tsx";

interface InviteScreenProps {
  /** An invite that was in the page's address. */
  readonly link: string | undefined;
  readonly onLinkDone: () => void;
}

/** New contact: make a link for somebody, or use one that somebody made. */
export function InviteScreen({ link, onLinkDone }: InviteScreenProps): ReactNode {
  const wide = useWide();
  const [entered, setEntered] = useState<string>();
  const [made, setMade] = useState<InviteView>();
  const using = entered ?? link;
  if (using !== undefined) {
    return (
      <>
        <PaneHeader title={t("invite.use-title")} />
        <PaneBody>
          <UseLink
            link={using}
            onDone={() => {
              setEntered(undefined);
              onLinkDone();
            }}
          />
        </PaneBody>
      </>
    );
  }
  return (
    <>
      <PaneHeader
        title={t("invite.title")}
        {...(wide && made === undefined ? {} : { parent: { screen: "list" } as const })}
      />
      <PaneBody>
        {made === undefined ? (
          <MakeInvite onMade={setMade} />
        ) : (
          <InviteCard
            invite={made}
            onDone={() => {
              setMade(undefined);
            }}
          />
        )}
        {made === undefined && <EnterLink onLink={setEntered} />}
        <OpenInvites onShow={setMade} shown={made?.id} />
      </PaneBody>
    </>
  );
}
