import { useState, type ReactNode } from "react";
import { navigate } from "../app/router.ts";
import { useWide } from "../app/use-media.ts";
import { Button } from "../design/Button.tsx";
import { Field } from "../design/Field.tsx";
import { Icon } from "../design/icons.tsx";
import { Empty, PaneBody } from "../design/Pane.tsx";
import { PaneHeader } from "../design/PaneHeader.tsx";
import { t } from "../locales/texts.ts";
import { act } from "../state/act.ts";
import { useClient } from "../state/client-context.ts";
import { useLive } from "../state/live.ts";
import { contactsQuestion } from "../state/questions.ts";
import { MAX_NAME_LENGTH } from "../text/message-length.ts";
import { ChooseContacts } from "./ChooseContacts.tsx";

const NOBODY: ReadonlySet<string> = new Set();

/** Makes a group of some contacts. */
export function NewGroupScreen(): ReactNode {
  const { client } = useClient();
  const wide = useWide();
  const { value: contacts } = useLive(contactsQuestion);
  const [name, setName] = useState("");
  return (
    <>
      <PaneHeader title={t("group.new")} {...(wide ? {} : { parent: { screen: "list" } as const })} />
      <PaneBody>
        {contacts?.length === 0 ? (
          <Empty
            picture={<Icon name="people" size="large" />}
            title={t("group.no-contacts-title")}
            text={t("group.no-contacts")}
          >
            <Button
              look="primary"
              icon="personPlus"
              onPress={() => {
                navigate({ screen: "new" }, { replace: true });
              }}
            >
              {t("list.empty-action")}
            </Button>
          </Empty>
        ) : (
          <ChooseContacts
            without={NOBODY}
            action={t("group.create")}
            ready={name.trim() !== ""}
            onChosen={async (contactIds) => {
              await act(async () => {
                const conversation = await client.createGroup({ name: name.trim(), contactIds });
                navigate({ screen: "conversation", id: conversation.id }, { replace: true });
              });
            }}
          >
            <Field
              label={t("group.name")}
              hint={t("group.name-hint")}
              value={name}
              onChange={setName}
              maxLength={MAX_NAME_LENGTH}
              autoComplete="off"
            />
          </ChooseContacts>
        )}
      </PaneBody>
    </>
  );
}
