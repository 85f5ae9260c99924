import { useState, type ReactNode } from "react";
import type { ConversationView, MemberView } from "@stonechat/core/client-api";
import { ClearConversation } from "../contacts/ClearConversation.tsx";
import { NameSheet } from "../contacts/NameSheet.tsx";
import { conversationName } from "../conversations/conversation-name.ts";
import { Avatar } from "../design/Avatar.tsx";
import { Section } from "../design/Pane.tsx";
import { RowButton } from "../design/Row.tsx";
import { Confirm, Sheet } from "../design/Sheet.tsx";
import { t } from "../locales/texts.ts";
import { act } from "../state/act.ts";
import { useClient } from "../state/client-context.ts";
import { useLive } from "../state/live.ts";
import { membersQuestion } from "../state/questions.ts";
import { ConversationTimer } from "../timer/ConversationTimer.tsx";
import { ChooseContacts } from "./ChooseContacts.tsx";
import { MemberRow } from "./MemberRow.tsx";
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
      <GroupHead conversation={conversation} count={members?.length ?? conversation.memberCount} />
      {admin && (
        <AdminActions
          onRename={() => {
            setRenaming(true);
          }}
          onAdd={() => {
            setAdding(true);
          }}
        />
      )}
      <Section title={t("group.members")} {...(admin || !active ? {} : { note: t("group.only-admins") })}>
        {members?.map((member) => (
          <MemberRow key={member.id} conversation={conversation} member={member} admin={admin} />
        ))}
      </Section>
      <ConversationTimer conversation={conversation} />
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

function GroupHead({
  conversation,
  count,
}: {
  readonly conversation: ConversationView;
  readonly count: number;
}): ReactNode {
  return (
    <div className={css["head"]}>
      <Avatar id={conversation.id} name={conversation.name} kind="group" size="large" />
      <h2 className={css["name"]} dir="auto">
        {conversationName(conversation)}
      </h2>
      <p className={css["detail"]}>{t("conversation.members", { count })}</p>
    </div>
  );
}

function AdminActions({ onRename, onAdd }: { readonly onRename: () => void; readonly onAdd: () => void }): ReactNode {
  return (
    <Section>
      <RowButton icon="compose" title={t("group.rename")} end="forward" onPress={onRename} />
      <RowButton icon="personPlus" look="accent" title={t("group.add")} end="forward" onPress={onAdd} />
    </Section>
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
