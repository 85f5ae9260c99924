import { useState, type ReactNode } from "react";
import type { AccountId, ContactView, ConversationView } from "@stonechat/core/client-api";
import { Avatar } from "../design/Avatar.tsx";
import { Banner } from "../design/Banner.tsx";
import { Button } from "../design/Button.tsx";
import { Icon } from "../design/icons.tsx";
import { Section } from "../design/Pane.tsx";
import { Row, RowButton } from "../design/Row.tsx";
import { Confirm } from "../design/Sheet.tsx";
import { Waiting } from "../design/Waiting.tsx";
import { isolate } from "../locales/format.ts";
import { t } from "../locales/texts.ts";
import { act } from "../state/act.ts";
import { useClient } from "../state/client-context.ts";
import { useLive } from "../state/live.ts";
import { contactQuestion } from "../state/questions.ts";
import { ConversationTimer } from "../timer/ConversationTimer.tsx";
import { ClearConversation } from "./ClearConversation.tsx";
import { NameSheet } from "./NameSheet.tsx";
import { SafetyNumber } from "./SafetyNumber.tsx";
import css from "./ContactPage.module.css";

interface ContactPageProps {
  readonly contactId: AccountId;
  readonly conversation: ConversationView;
}

/** One contact: who it is, whether that was checked, and what one may do about it. */
export function ContactPage({ contactId, conversation }: ContactPageProps): ReactNode {
  const { client } = useClient();
  const { value: contact } = useLive(contactQuestion(contactId));
  const [renaming, setRenaming] = useState(false);
  const [blocking, setBlocking] = useState(false);
  if (contact === undefined) return <Waiting label={t("app.loading")} />;
  return (
    <>
      <ContactHead contact={contact} />
      {contact.devicesChanged && <DevicesChanged contact={contact} />}
      <SafetyNumber contact={contact} />
      <Section>
        <RowButton
          icon="compose"
          title={t("contact.rename")}
          detail={
            contact.name === contact.profileName ? undefined : t("contact.profile-name", { name: contact.profileName })
          }
          end="forward"
          onPress={() => {
            setRenaming(true);
          }}
        />
        <Row icon="device" title={t("contact.devices", { count: contact.deviceCount })} />
      </Section>
      <ConversationTimer conversation={conversation} />
      <ClearConversation conversation={conversation}>
        {contact.blocked ? (
          <RowButton
            icon="block"
            title={t("contact.unblock")}
            onPress={() => {
              void act(() => client.setBlocked(contact.id, false));
            }}
          />
        ) : (
          <RowButton
            icon="block"
            look="danger"
            title={t("contact.block")}
            onPress={() => {
              setBlocking(true);
            }}
          />
        )}
      </ClearConversation>
      <NameSheet
        title={t("contact.rename")}
        label={t("contact.name")}
        hint={t("contact.name-hint")}
        name={contact.name}
        open={renaming}
        onClose={() => {
          setRenaming(false);
        }}
        onSave={(name) => client.renameContact(contact.id, name)}
      />
      <Confirm
        title={t("contact.block-title", { name: contact.name })}
        text={<p>{t("contact.block-text")}</p>}
        action={t("contact.block")}
        open={blocking}
        onClose={() => {
          setBlocking(false);
        }}
        onConfirm={() => void act(() => client.setBlocked(contact.id, true))}
      />
    </>
  );
}

function ContactHead({ contact }: { readonly contact: ContactView }): ReactNode {
  return (
    <div className={css["head"]}>
      <Avatar id={contact.id} name={contact.name} size="large" />
      <h2 className={css["name"]} dir="auto">
        {contact.name}
      </h2>
      <p className={contact.verified ? css["verified"] : css["unverified"]}>
        <Icon name={contact.verified ? "shieldCheck" : "shield"} size="small" />
        {contact.verified ? t("contact.verified") : t("contact.unverified")}
      </p>
    </div>
  );
}

function DevicesChanged({ contact }: { readonly contact: ContactView }): ReactNode {
  const { client } = useClient();
  return (
    <div className={css["banner"]}>
      <Banner
        tone={contact.verified ? "danger" : "warn"}
        icon="device"
        title={t("contact.devices-changed", { name: isolate(contact.name) })}
        text={t(contact.verified ? "contact.devices-changed-verified" : "contact.devices-changed-text")}
      >
        <Button
          onPress={() => {
            void act(() => client.acknowledgeDevices(contact.id));
          }}
        >
          {t("contact.devices-seen")}
        </Button>
      </Banner>
    </div>
  );
}
