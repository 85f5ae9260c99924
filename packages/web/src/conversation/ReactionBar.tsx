import type { ReactNode } from "react";
import type { MessageView } from "@stonechat/core/client-api";
import { cx } from "../design/cx.ts";
import { formatList, formatNumber } from "../locales/format.ts";
import { t } from "../locales/texts.ts";
import { act } from "../state/act.ts";
import { useClient } from "../state/client-context.ts";
import css from "./ReactionBar.module.css";

/** The reactions to a message; pressing one joins it or takes one's own back. */
export function ReactionBar({
  message,
  focusable,
}: {
  readonly message: MessageView;
  readonly focusable: boolean;
}): ReactNode {
  const { client } = useClient();
  return (
    <ul className={css["bar"]} aria-label={t("message.reactions")}>
      {message.reactions.map((reaction) => (
        <li key={reaction.emoji}>
          <button
            type="button"
            tabIndex={focusable ? 0 : -1}
            className={cx(css["chip"], reaction.self && css["self"])}
            aria-pressed={reaction.self}
            aria-label={t("message.reaction", {
              emoji: reaction.emoji,
              count: reaction.fromIds.length,
              names: formatList(reaction.fromNames),
            })}
            title={formatList(reaction.fromNames)}
            onClick={() => {
              void act(() => client.react(message.conversationId, message.id, reaction.emoji, reaction.self));
            }}
          >
            <span aria-hidden="true">{reaction.emoji}</span>
            {reaction.fromIds.length > 1 && (
              <span aria-hidden="true" className={css["count"]}>
                {formatNumber(reaction.fromIds.length)}
              </span>
            )}
          </button>
        </li>
      ))}
    </ul>
  );
}
