import type { ReactNode } from "react";
import type { ContactView, ConversationView } from "@stonechat/core/client-api";
import { navigate } from "../app/router.ts";
import { Banner } from "../design/Banner.tsx";
import { Button } from "../design/Button.tsx";
import { isolate } from "../locales/format.ts";
import { t, type TextId } from "../locales/texts.ts";
import { act } from "../state/act.ts";
import { useClient } from "../state/client-context.ts";
import { useLive } from "../state/live.ts";
import { contactsQuestion } from "../state/questions.ts";

/** What lastingly matters about a conversation: that it has ended, or that the contact's devices changed. */
export function ConversationBanners({ conversation }: { readonly conversation: ConversationView }): ReactNode {
  const { client } = useClient();
  const { value: contacts } = useLive(contactsQuestion);
  const contact = contacts?.find(({ id }) => id === conversation.contactId);
  const { state } = conversation;
  if (state === "blocked" && contact !== undefined) {
    return (
      <Banner
        tone="info"
        icon="block"
        title={t("conversation.state-blocked")}
        text={t("conversation.state-blocked-text")}
      >
        <Button
          onPress={() => {
            void act(() => client.setBlocked(contact.id, false));
          }}
        >
          {t("contact.unblock")}
        </Button>
      </Banner>
    );
  }
  if (conversation.continuation !== undefined) return <Ended conversation={conversation} />;
  if (state !== "active") {
    return (
      <Banner
        tone={state === "broken" ? "danger" : "info"}
        icon={state === "broken" ? "warning" : "leave"}
        title={t(`conversation.state-${state}` satisfies TextId)}
        text={t(`conversation.state-${state}-text` satisfies TextId)}
      />
    );
  }
  return contact?.devicesChanged === true ? <DevicesChanged contact={contact} /> : null;
}

/** A group that ended by a commit that nobody can follow: who can continue it, and how. */
function Ended({ conversation }: { readonly conversation: ConversationView }): ReactNode {
  const { client } = useClient();
  const { by, offenderId, offenderName } = conversation.continuation ?? { by: "nobody" };
  return (
    <Banner
      tone="danger"
      icon="warning"
      title={t("continuation.title")}
      text={[
        offenderName === undefined
          ? t("continuation.unknown")
          : t("continuation.offender", { name: isolate(offenderName) }),
        t(`continuation.by-${by}` satisfies TextId),
      ].join(" ")}
    >
      {by === "self" && (
        <Button
          onPress={() => {
            void act(() => client.continueGroup(conversation.id, offenderId));
          }}
        >
          {offenderName === undefined
            ? t("continuation.with-all")
            : t("continuation.without", { name: isolate(offenderName) })}
        </Button>
      )}
    </Banner>
  );
}

function DevicesChanged({ contact }: { readonly contact: ContactView }): ReactNode {
  return (
    <Banner
      tone={contact.verified ? "danger" : "warn"}
      icon="device"
      title={t("contact.devices-changed", { name: isolate(contact.name) })}
      {...(contact.verified ? { text: t("contact.devices-changed-verified") } : {})}
    >
      <Button
        onPress={() => {
          navigate({ screen: "about", id: contact.conversationId });
        }}
      >
        {t("contact.review")}
      </Button>
    </Banner>
  );
}
