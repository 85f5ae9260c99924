import { useRef, useState, type ReactNode } from "react";
import type { ConversationView, MemberView } from "@stonechat/core/client-api";
import { navigate } from "../app/router.ts";
import { ClearConversation } from "../contacts/ClearConversation.tsx";
import { NameSheet } from "../contacts/NameSheet.tsx";
import { conversationName } from "../conversations/conversation-name.ts";
import { ActionMenu, type MenuAction } from "../design/ActionMenu.tsx";
import { Avatar } from "../design/Avatar.tsx";
import { IconButton } from "../design/Button.tsx";
import { Section } from "../design/Pane.tsx";
import { Row, RowButton } from "../design/Row.tsx";
import { Confirm, Sheet } from "../design/Sheet.tsx";
import { t } from "../locales/texts.ts";
import { act } from "../state/act.ts";
import { useClient } from "../state/client-context.ts";
import { useLive } from "../state/live.ts";
import { contactsQuestion, membersQuestion } from "../state/questions.ts";
import { ChooseContacts } from "./ChooseContacts.tsx";
import css from "./GroupPage.module.css";

/** One group: who is in it and in which role; what an admin may change. */
export function GroupPage({ conversation }: { readonly conversation: ConversationView }): ReactNode {
  const { client } = useClient();
  const { value: members } = useLive(membersQuestion(conversation.id));
  const [renaming, setRenaming] = useState(false);
  const [leaving, setLeaving] = useState(false);
  const [adding, setAdding] = useState(false);
  const active = conversation.state === "active";
  const admin = active && conversation.ownRole === "admin";
  return (
    <>
      <div className={css["head"]}>
        <Avatar id={conversation.id} name={conversation.name} kind="group" size="large" />
        <h2 className={css["name"]} dir="auto">
          {conversationName(conversation)}
        </h2>
        <p className={css["detail"]}>
          {t("conversation.members", { count: members?.length ?? conversation.memberCount })}
        </p>
      </div>
      {admin && (
        <Section>
          <RowButton
            icon="compose"
            title={t("group.rename")}
            end="forward"
            onPress={() => {
              setRenaming(true);
            }}
          />
          <RowButton
            icon="personPlus"
            look="accent"
            title={t("group.add")}
            end="forward"
            onPress={() => {
              setAdding(true);
            }}
          />
        </Section>
      )}
      <Section title={t("group.members")} {...(admin || !active ? {} : { note: t("group.only-admins") })}>
        {members?.map((member) => (
          <MemberRow key={member.id} conversation={conversation} member={member} admin={admin} />
        ))}
      </Section>
      <ClearConversation conversation={conversation}>
        {active && (
          <RowButton
            icon="leave"
            look="danger"
            title={t("group.leave")}
            onPress={() => {
              setLeaving(true);
            }}
          />
        )}
      </ClearConversation>
      <NameSheet
        title={t("group.rename")}
        label={t("group.name")}
        name={conversation.name}
        open={renaming}
        onClose={() => {
          setRenaming(false);
        }}
        onSave={(name) => client.renameGroup(conversation.id, name)}
      />
      <AddMembers
        conversation={conversation}
        members={members ?? []}
        open={adding}
        onClose={() => {
          setAdding(false);
        }}
      />
      <Confirm
        title={t("group.leave-title")}
        text={<p>{t("group.leave-text")}</p>}
        action={t("group.leave")}
        open={leaving}
        onClose={() => {
          setLeaving(false);
        }}
        onConfirm={() => void act(() => client.leaveGroup(conversation.id))}
      />
    </>
  );
}

function MemberRow({
  conversation,
  member,
  admin,
}: {
  readonly conversation: ConversationView;
  readonly member: MemberView;
  readonly admin: boolean;
}): ReactNode {
  const { client } = useClient();
  const { value: contacts } = useLive(contactsQuestion);
  const anchor = useRef<HTMLSpanElement>(null);
  const [open, setOpen] = useState(false);
  const [removing, setRemoving] = useState(false);
  const contact = contacts?.find(({ id }) => id === member.id);
  const actions: MenuAction[] = [];
  if (contact !== undefined) {
    actions.push({
      id: "message",
      icon: "compose",
      label: t("group.message"),
      onAction: () => {
        navigate({ screen: "conversation", id: contact.conversationId });
      },
    });
    actions.push({
      id: "contact",
      icon: "person",
      label: t("conversation.about-contact"),
      onAction: () => {
        navigate({ screen: "about", id: contact.conversationId });
      },
    });
  }
  if (admin && !member.self) {
    if (!member.invited) {
      const role = member.role === "admin" ? "member" : "admin";
      actions.push({
        id: "role",
        icon: "shield",
        label: t(role === "admin" ? "group.promote" : "group.demote"),
        onAction: () => void act(() => client.setRole(conversation.id, member.id, role)),
      });
    }
    actions.push({
      id: "remove",
      icon: "leave",
      danger: true,
      label: t("group.remove"),
      onAction: () => {
        setRemoving(true);
      },
    });
  }
  const details = [
    member.invited ? t("group.invited") : t(member.role === "admin" ? "group.admin" : "group.member"),
    ...(member.verified ? [t("contact.verified")] : []),
    ...(member.contact || member.self ? [] : [t("group.not-a-contact")]),
  ];
  return (
    <Row
      lead={<Avatar id={member.id} name={member.name} size="small" />}
      title={member.self ? t("readers.self", { name: member.name }) : member.name}
      detail={details.join(" · ")}
    >
      {actions.length > 0 && (
        <>
          <span ref={anchor}>
            <IconButton
              icon="more"
              label={t("group.member-menu", { name: member.name })}
              aria-haspopup="menu"
              aria-expanded={open}
              onPress={() => {
                setOpen(true);
              }}
            />
          </span>
          <ActionMenu
            label={t("group.member-menu", { name: member.name })}
            anchor={anchor}
            open={open}
            onClose={() => {
              setOpen(false);
            }}
            actions={actions}
          />
        </>
      )}
      <Confirm
        title={t("group.remove-title", { name: member.name })}
        text={<p>{t("group.remove-text")}</p>}
        action={t("group.remove")}
        open={removing}
        onClose={() => {
          setRemoving(false);
        }}
        onConfirm={() => void act(() => client.removeMember(conversation.id, member.id))}
      />
    </Row>
  );
}

function AddMembers({
  conversation,
  members,
  open,
  onClose,
}: {
  readonly conversation: ConversationView;
  readonly members: readonly MemberView[];
  readonly open: boolean;
  readonly onClose: () => void;
}): ReactNode {
  const { client } = useClient();
  const inside = new Set(members.map(({ id }) => id));
  return (
    <Sheet title={t("group.add")} open={open} onClose={onClose}>
      <ChooseContacts
        without={inside}
        action={t("group.add-chosen")}
        onChosen={async (ids) => {
          if (await act(() => client.addMembers(conversation.id, ids))) onClose();
        }}
      />
    </Sheet>
  );
}
