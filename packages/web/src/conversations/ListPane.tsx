import {
  useDeferredValue,
  useEffect,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
} from "react";
import type { ConversationId, SearchHit } from "@stonechat/core/client-api";
import { ADDRESS, navigate, wasNavigated } from "../app/router.ts";
import { ActionMenu } from "../design/ActionMenu.tsx";
import { Button, IconButton } from "../design/Button.tsx";
import { Icon } from "../design/icons.tsx";
import { Mark } from "../design/Mark.tsx";
import { Empty } from "../design/Pane.tsx";
import { formatNumber } from "../locales/format.ts";
import { t } from "../locales/texts.ts";
import { act } from "../state/act.ts";
import { useClient } from "../state/client-context.ts";
import { useLive } from "../state/live.ts";
import { conversationsQuestion, requestsQuestion } from "../state/questions.ts";
import { useVaultActions } from "../state/vault-actions.ts";
import { ConnectionLine } from "./ConnectionLine.tsx";
import { conversationName } from "./conversation-name.ts";
import { ConversationLink, HitLink } from "./ConversationLink.tsx";
import { isExpired } from "../timer/expiry.ts";
import { useMoments } from "../timer/use-now.ts";
import css from "./ListPane.module.css";

const HITS = 40;
/** Where the list stood and which conversation was open, for coming back. */
const kept = { scrollTop: 0, last: "" };

/** All conversations, newest first; search; what waits for an answer; the state of the connection. */
export function ListPane({ chosen }: { readonly chosen: ConversationId | undefined }): ReactNode {
  const { value: conversations } = useLive(conversationsQuestion);
  const { value: requests } = useLive(requestsQuestion);
  const [query, setQuery] = useState("");
  const wanted = useDeferredValue(query.trim());
  const hits = useHits(wanted);
  const waiting = requests?.filter(({ type }) => type !== "sent").length ?? 0;
  const scroller = useRef<HTMLDivElement>(null);
  useReturn(scroller, chosen);

  const shown = conversations?.filter(
    (one) => wanted === "" || conversationName(one).toLocaleLowerCase().includes(wanted.toLocaleLowerCase()),
  );
  const fresh = conversations?.every(({ kind }) => kind === "own") === true;
  return (
    <div className={css["pane"]}>
      <ListHeader />
      <div className={css["search"]}>
        <Icon name="search" size="small" />
        <input
          type="search"
          // Of nothing the browser would say that it goes from left to right.
          dir={query === "" ? undefined : "auto"}
          className={css["input"]}
          value={query}
          placeholder={t("list.search")}
          aria-label={t("list.search")}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => {
            setQuery(event.currentTarget.value);
          }}
        />
        {query !== "" && (
          <IconButton
            icon="close"
            look="small"
            label={t("list.clear-search")}
            onPress={() => {
              setQuery("");
            }}
          />
        )}
      </div>
      <ConnectionLine />
      <div
        ref={scroller}
        className={css["scroller"]}
        onScroll={(event) => {
          kept.scrollTop = event.currentTarget.scrollTop;
        }}
      >
        {waiting > 0 && wanted === "" && <RequestsLink count={waiting} />}
        <nav aria-label={t("list.label")} onKeyDown={moveFocus}>
          <ul>
            {shown?.map((conversation) => (
              <li key={conversation.id}>
                <ConversationLink conversation={conversation} chosen={conversation.id === chosen} />
              </li>
            ))}
          </ul>
        </nav>
        {fresh && wanted === "" && waiting === 0 && (
          <Empty picture={<Mark />} title={t("list.empty-title")} text={t("list.empty-text")}>
            <Button
              look="primary"
              icon="personPlus"
              onPress={() => {
                navigate({ screen: "new" });
              }}
            >
              {t("list.empty-action")}
            </Button>
          </Empty>
        )}
        {wanted !== "" && <SearchResults hits={hits} none={(shown?.length ?? 0) === 0} />}
      </div>
    </div>
  );
}

function ListHeader(): ReactNode {
  const actions = useVaultActions();
  const anchor = useRef<HTMLSpanElement>(null);
  const [open, setOpen] = useState(false);
  return (
    <header className={css["header"]}>
      <h1 tabIndex={-1} className={css["title"]}>
        {t("app.name")}
      </h1>
      <IconButton icon="lock" label={t("lock.now")} onPress={() => void act(actions.lock)} />
      <IconButton
        icon="settings"
        label={t("settings.title")}
        onPress={() => {
          navigate({ screen: "settings" });
        }}
      />
      <span ref={anchor}>
        <IconButton
          icon="compose"
          label={t("list.new")}
          aria-haspopup="menu"
          aria-expanded={open}
          onPress={() => {
            setOpen(true);
          }}
        />
      </span>
      <ActionMenu
        label={t("list.new")}
        anchor={anchor}
        open={open}
        onClose={() => {
          setOpen(false);
        }}
        actions={[
          {
            id: "contact",
            icon: "personPlus",
            label: t("invite.title"),
            onAction: () => {
              navigate({ screen: "new" });
            },
          },
          {
            id: "group",
            icon: "people",
            label: t("group.new"),
            onAction: () => {
              navigate({ screen: "new-group" });
            },
          },
        ]}
      />
    </header>
  );
}

function RequestsLink({ count }: { readonly count: number }): ReactNode {
  const route = { screen: "requests" } as const;
  return (
    <a
      className={css["requests"]}
      href={ADDRESS}
      onClick={(event) => {
        event.preventDefault();
        navigate(route);
      }}
    >
      <span className={css["requestsIcon"]}>
        <Icon name="inbox" />
      </span>
      <span className={css["requestsText"]}>{t("list.requests", { count })}</span>
      <span className={css["badge"]} aria-hidden="true">
        {formatNumber(count)}
      </span>
    </a>
  );
}

function SearchResults({
  hits,
  none,
}: {
  readonly hits: readonly SearchHit[] | undefined;
  readonly none: boolean;
}): ReactNode {
  if (hits === undefined) return null;
  if (hits.length === 0)
    return none ? (
      <p className={css["nothing"]} role="status">
        {t("list.nothing-found")}
      </p>
    ) : null;
  return (
    <section>
      <h2 className={css["section"]}>{t("list.messages")}</h2>
      <ul>
        {hits.map((hit) => (
          <li key={hit.message.id}>
            <HitLink hit={hit} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What was found, without what has disappeared since; asked for again when messages change. */
function useHits(query: string): readonly SearchHit[] | undefined {
  const { client } = useClient();
  const [changes, setChanges] = useState(0);
  useEffect(
    () =>
      client.onEvent(({ type }) => {
        if (type === "messages-changed") setChanges((count) => count + 1);
      }),
    [client],
  );
  const [found, setFound] = useState<{ readonly query: string; readonly hits: readonly SearchHit[] }>();
  useEffect(() => {
    if (query.length < 2) return undefined;
    let gone = false;
    const timer = setTimeout(() => {
      void act(async () => {
        const hits = await client.search(query, HITS);
        if (!gone) setFound({ query, hits });
      });
    }, 150);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [client, query, changes]);
  const now = useMoments((found?.hits ?? []).flatMap(({ message }) => message.expiresAt ?? []));
  if (query.length < 2) return [];
  return found?.query === query ? found.hits.filter(({ message }) => !isExpired(message, now)) : undefined;
}

/** Coming back to the list, it stands where it stood, and the focus is on what was open. */
function useReturn(scroller: RefObject<HTMLDivElement | null>, chosen: string | undefined): void {
  useEffect(() => {
    if (chosen !== undefined) kept.last = chosen;
  }, [chosen]);
  useEffect(() => {
    if (scroller.current === null) return;
    scroller.current.scrollTop = kept.scrollTop;
    if (!wasNavigated() || chosen !== undefined || kept.last === "") return;
    scroller.current.querySelector<HTMLElement>(`[href$="${CSS.escape(kept.last)}"]`)?.focus({ preventScroll: true });
    // Only when the list appears.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
}

/** Up and down go from one conversation to the next. */
function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>("a")];
  const at = links.findIndex((link) => link === document.activeElement);
  if (at < 0) return;
  event.preventDefault();
  links[at + (event.key === "ArrowDown" ? 1 : -1)]?.focus();
}
