import { useState, type ReactNode } from "react";
import type { AccountId } from "@stonechat/core/client-api";
import { Avatar } from "../design/Avatar.tsx";
import { Button } from "../design/Button.tsx";
import { Field } from "../design/Field.tsx";
import { Icon } from "../design/icons.tsx";
import { t } from "../locales/texts.ts";
import { useLive } from "../state/live.ts";
import { contactsQuestion } from "../state/questions.ts";
import css from "./ChooseContacts.module.css";

interface ChooseContactsProps {
  readonly without: ReadonlySet<AccountId>;
  readonly action: string;
  readonly onChosen: (ids: readonly AccountId[]) => Promise<void>;
  /** Stands between the list and the button. */
  readonly children?: ReactNode;
  readonly ready?: boolean;
}

/** Ticks contacts in a list that can be searched. Blocked contacts are not offered. */
export function ChooseContacts({ without, action, onChosen, children, ready = true }: ChooseContactsProps): ReactNode {
  const { value: contacts } = useLive(contactsQuestion);
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState<ReadonlySet<AccountId>>(new Set());
  const [busy, setBusy] = useState(false);
  const offered = contacts?.filter(({ id, blocked }) => !blocked && !without.has(id)) ?? [];
  const shown = offered.filter(({ name }) => name.toLocaleLowerCase().includes(query.trim().toLocaleLowerCase()));
  const submit = async (): Promise<void> => {
    setBusy(true);
    await onChosen([...chosen]);
    setBusy(false);
  };
  if (contacts !== undefined && offered.length === 0)
    return <p className={css["none"]}>{t(contacts.length === 0 ? "group.no-contacts" : "group.all-inside")}</p>;
  return (
    <form
      className={css["form"]}
      onSubmit={(event) => {
        event.preventDefault();
        if (ready && chosen.size > 0) void submit();
      }}
    >
      {children}
      {offered.length > 8 && (
        <Field label={t("group.search-contacts")} type="search" value={query} onChange={setQuery} autoComplete="off" />
      )}
      <fieldset className={css["list"]}>
        <legend className={css["legend"]}>{t("group.choose")}</legend>
        {shown.map((contact) => (
          <label key={contact.id} className={css["row"]}>
            <Avatar id={contact.id} name={contact.name} size="small" />
            <span className={css["name"]} dir="auto">
              {contact.name}
            </span>
            {contact.verified && (
              <span className={css["verified"]} role="img" aria-label={t("contact.verified")}>
                <Icon name="shieldCheck" size="small" />
              </span>
            )}
            <input
              type="checkbox"
              checked={chosen.has(contact.id)}
              onChange={(event) => {
                const next = new Set(chosen);
                if (event.currentTarget.checked) next.add(contact.id);
                else next.delete(contact.id);
                setChosen(next);
              }}
            />
          </label>
        ))}
      </fieldset>
      <Button type="submit" look="primary" wide isDisabled={!ready || chosen.size === 0} busy={busy}>
        {action}
      </Button>
    </form>
  );
}
