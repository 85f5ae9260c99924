import { useState, type ReactNode } from "react";
import type { RequestView } from "@stonechat/core/client-api";
import { navigate } from "../app/router.ts";
import { useWide } from "../app/use-media.ts";
import { Avatar } from "../design/Avatar.tsx";
import { Banner } from "../design/Banner.tsx";
import { Button } from "../design/Button.tsx";
import { Icon } from "../design/icons.tsx";
import { Empty, PaneBody, Section } from "../design/Pane.tsx";
import { PaneHeader } from "../design/PaneHeader.tsx";
import { Row } from "../design/Row.tsx";
import { Waiting } from "../design/Waiting.tsx";
import { formatDate, formatMoment, isolate } from "../locales/format.ts";
import { t } from "../locales/texts.ts";
import { act } from "../state/act.ts";
import { useClient } from "../state/client-context.ts";
import { useLive } from "../state/live.ts";
import { requestsQuestion } from "../state/questions.ts";
import css from "./RequestsScreen.module.css";

/** Who wants to connect or has added me to a group, and whom I asked. Nothing happens before I agree. */
export function RequestsScreen(): ReactNode {
  const wide = useWide();
  const { value: requests } = useLive(requestsQuestion);
  const incoming = requests?.filter((request) => request.type !== "sent") ?? [];
  const sent = requests?.filter((request) => request.type === "sent") ?? [];
  return (
    <>
      <PaneHeader title={t("requests.title")} {...(wide ? {} : { parent: { screen: "list" } as const })} />
      <PaneBody>
        {requests === undefined && <Waiting label={t("app.loading")} />}
        {requests?.length === 0 && (
          <Empty
            picture={<Icon name="inbox" size="large" />}
            title={t("requests.empty-title")}
            text={t("requests.empty-text")}
          />
        )}
        {incoming.map((request) => (
          <RequestCard key={request.id} request={request} />
        ))}
        {sent.length > 0 && (
          <Section title={t("requests.sent-title")} note={t("requests.sent-note")}>
            {sent.map((request) => (
              <Row key={request.id} icon="clock" title={t("requests.sent")} detail={formatMoment(request.sentAt)} />
            ))}
          </Section>
        )}
      </PaneBody>
    </>
  );
}

function RequestCard({ request }: { readonly request: Exclude<RequestView, { readonly type: "sent" }> }): ReactNode {
  const { client } = useClient();
  const [busy, setBusy] = useState(false);
  const { name } = request;
  const accept = async (): Promise<void> => {
    setBusy(true);
    const done = await act(async () => {
      const { conversationId } = await client.acceptRequest(request.id);
      navigate({ screen: "conversation", id: conversationId }, { replace: true });
    });
    if (!done) setBusy(false);
  };
  const looksLike = request.type === "contact" ? request.looksLike : undefined;
  return (
    <article className={css["card"]} aria-label={name}>
      <div className={css["who"]}>
        <Avatar
          id={request.type === "contact" ? request.accountId : request.conversationId}
          name={name}
          kind={request.type === "contact" ? "person" : "group"}
        />
        <div className={css["names"]}>
          <h2 className={css["name"]} dir="auto">
            {name}
          </h2>
          <p className={css["detail"]}>
            {request.type === "contact"
              ? t("requests.contact", { at: formatDate(request.inviteCreatedAt) })
              : t("requests.group", { by: isolate(request.fromName), count: request.memberCount })}
          </p>
        </div>
      </div>
      {looksLike !== undefined && (
        <Banner
          tone="warn"
          icon="warning"
          title={t("requests.looks-like-title")}
          text={t("requests.looks-like", { name: isolate(looksLike) })}
        />
      )}
      <div className={css["actions"]}>
        <Button
          onPress={() => {
            void act(() => client.declineRequest(request.id));
          }}
          aria-label={t("requests.decline-named", { name })}
        >
          {t("requests.decline")}
        </Button>
        <Button
          look="primary"
          busy={busy}
          onPress={() => {
            void accept();
          }}
          aria-label={t("requests.accept-named", { name })}
        >
          {t("requests.accept")}
        </Button>
      </div>
    </article>
  );
}
