import { useEffect, useState, type ReactNode } from "react";
import type { LinkPreview } from "@stonechat/core/client-api";
import { navigate } from "../app/router.ts";
import { Button } from "../design/Button.tsx";
import { Icon, type IconName } from "../design/icons.tsx";
import { Mark } from "../design/Mark.tsx";
import { Empty } from "../design/Pane.tsx";
import { Waiting } from "../design/Waiting.tsx";
import { formatMoment, isolate } from "../locales/format.ts";
import { t } from "../locales/texts.ts";
import { act, describeError } from "../state/act.ts";
import { useClient } from "../state/client-context.ts";
import { showHost } from "../text/show-host.ts";

interface UseLinkProps {
  readonly link: string;
  readonly onDone: () => void;
}

type State =
  | { readonly type: "looking" }
  | { readonly type: "seen"; readonly preview: LinkPreview }
  | { readonly type: "asked" }
  | { readonly type: "refused"; readonly text: string };

/** Says what a link would do, and does it when told to. */
export function UseLink({ link, onDone }: UseLinkProps): ReactNode {
  const { client, account } = useClient();
  const [state, setState] = useState<State>({ type: "looking" });
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    client.previewLink(link).then(
      (preview) => {
        setState({ type: "seen", preview });
      },
      (error: unknown) => {
        setState({ type: "refused", text: describeError(error) });
      },
    );
  }, [client, link]);
  const leave = <Button onPress={onDone}>{t("action.back")}</Button>;

  if (state.type === "looking") return <Waiting label={t("link.looking")} />;
  if (state.type === "refused")
    return (
      <Message icon="warning" title={t("link.refused-title")} text={state.text}>
        {leave}
      </Message>
    );
  if (state.type === "asked")
    return (
      <Message icon="check" title={t("link.asked-title")} text={t("link.asked-text")}>
        <Button
          look="primary"
          onPress={() => {
            onDone();
            navigate({ screen: "list" });
          }}
        >
          {t("action.done")}
        </Button>
      </Message>
    );
  if (state.preview.type !== "invite") return <OtherLink preview={state.preview} onDone={onDone} />;
  const accept = async (): Promise<void> => {
    setBusy(true);
    const done = await act(() => client.acceptInvite(link));
    setBusy(false);
    if (done) setState({ type: "asked" });
  };
  return (
    <Empty
      picture={<Mark />}
      title={t("link.invite-title")}
      text={t("link.invite-text", { name: isolate(account.name), relay: isolate(showHost(state.preview.relayUrl)) })}
    >
      <Button look="primary" icon="personPlus" busy={busy} onPress={() => void accept()}>
        {t("link.connect")}
      </Button>
      <Button onPress={onDone}>{t("link.not-now")}</Button>
      <p>{t("invite.until", { at: formatMoment(state.preview.expiresAt) })}</p>
    </Empty>
  );
}

interface OtherLinkProps {
  readonly preview: Exclude<LinkPreview, { readonly type: "invite" }>;
  readonly onDone: () => void;
}

/** A link that leads to nobody new, and why. */
function OtherLink({ preview, onDone }: OtherLinkProps): ReactNode {
  const leave = <Button onPress={onDone}>{t("action.back")}</Button>;
  switch (preview.type) {
    case "known":
      return (
        <Message icon="person" title={t("link.known-title")} text={t("link.known-text")}>
          <Button
            look="primary"
            onPress={() => {
              onDone();
              navigate({ screen: "conversation", id: preview.conversationId });
            }}
          >
            {t("link.open-conversation")}
          </Button>
          {leave}
        </Message>
      );
    case "own":
      return (
        <Message icon="person" title={t("link.own-title")} text={t("link.own-text")}>
          {leave}
        </Message>
      );
    case "expired":
      return (
        <Message icon="clock" title={t("link.expired-title")} text={t("link.expired-text")}>
          {leave}
        </Message>
      );
    case "other-relay":
      return (
        <Message
          icon="globe"
          title={t("link.other-relay-title")}
          text={t("link.other-relay-text", { relay: isolate(showHost(preview.relayUrl)) })}
        >
          {leave}
        </Message>
      );
    case "not-an-invite":
      return (
        <Message icon="warning" title={t("link.not-title")} text={t("link.not-text")}>
          {leave}
        </Message>
      );
  }
}

function Message({
  icon,
  title,
  text,
  children,
}: {
  readonly icon: IconName;
  readonly title: string;
  readonly text: string;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <Empty picture={<Icon name={icon} size="large" />} title={title} text={text}>
      {children}
    </Empty>
  );
}
