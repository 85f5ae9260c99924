import { useRef, useState, type ReactNode } from "react";
import type { ContactView, ConversationView, MemberView, Role } from "@stonechat/core/client-api";
import { navigate } from "../app/router.ts";
import { ActionMenu, type MenuAction } from "../design/ActionMenu.tsx";
import { Avatar } from "../design/Avatar.tsx";
import { IconButton } from "../design/Button.tsx";
import { Row } from "../design/Row.tsx";
import { Confirm } from "../design/Sheet.tsx";
import { t } from "../locales/texts.ts";
import { act } from "../state/act.ts";
import { useClient } from "../state/client-context.ts";
import { useLive } from "../state/live.ts";
import { contactsQuestion } from "../state/questions.ts";

/** One member of a group: name, role, and what may be done. */
export function MemberRow({
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
  const actions = listActions({
    contact,
    member,
    admin,
    leaveOut:
      conversation.continuation?.by === "self"
        ? () => void act(() => client.continueGroup(conversation.id, member.id))
        : undefined,
    setRole: (role) => void act(() => client.setRole(conversation.id, member.id, role)),
    remove: () => {
      setRemoving(true);
    },
  });
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

interface Possible {
  readonly contact: ContactView | undefined;
  readonly member: MemberView;
  readonly admin: boolean;
  /** Continues a group that ended, without this member. */
  readonly leaveOut: (() => void) | undefined;
  readonly setRole: (role: Role) => void;
  readonly remove: () => void;
}

function listActions({ contact, member, admin, leaveOut, setRole, remove }: Possible): readonly MenuAction[] {
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
  if (leaveOut !== undefined && !member.self)
    actions.push({
      id: "leave-out",
      icon: "leave",
      danger: true,
      label: t("continuation.without", { name: member.name }),
      onAction: leaveOut,
    });
  if (admin && !member.self) {
    if (!member.invited) {
      const role = member.role === "admin" ? "member" : "admin";
      actions.push({
        id: "role",
        icon: "shield",
        label: t(role === "admin" ? "group.promote" : "group.demote"),
        onAction: () => {
          setRole(role);
        },
      });
    }
    actions.push({
      id: "remove",
      icon: "leave",
      danger: true,
      label: t("group.remove"),
      onAction: remove,
    });
  }
  return actions;
}
