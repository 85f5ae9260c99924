import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import {
  ClientError,
  type Client,
  type ConversationId,
  type MessageId,
  type MessageView,
} from "@stonechat/core/client-api";
import { useClient } from "./client-context.ts";
import { mergeMessages, replaceAttachment } from "./merge-messages.ts";
import { withoutExpired, withoutMessages } from "../timer/expiry.ts";
import { useMoments } from "../timer/use-now.ts";
import { act } from "./act.ts";

const PAGE = 60;
/** Above this many changed messages the newest page is read again instead of each. */
const SINGLE_READS = 12;

export interface Messages {
  readonly messages: readonly MessageView[];
  readonly hasOlder: boolean;
  readonly loaded: boolean;
  /** The last change added older messages before the first one. */
  readonly prepended: boolean;
  readonly firstUnreadId: MessageId | undefined;
  readonly loadOlder: () => Promise<boolean>;
}

interface Loaded {
  readonly messages: readonly MessageView[];
  readonly hasOlder: boolean;
  readonly loaded: boolean;
  readonly prepended: boolean;
  readonly firstUnreadId: MessageId | undefined;
}

const NOTHING: Loaded = { messages: [], hasOlder: false, loaded: false, prepended: false, firstUnreadId: undefined };

/** The messages of one conversation, as far back as was asked for. Give the component that uses it the id as `key`. */
export function useMessages(conversationId: ConversationId): Messages {
  const { client } = useClient();
  const [state, setState] = useState(NOTHING);
  const latest = useRef(state);
  useEffect(() => {
    latest.current = state;
  });
  const loading = useRef(false);

  useEffect(() => {
    let gone = false;
    const apply = (change: (state: Loaded) => Loaded): void => {
      if (!gone) setState(change);
    };
    const readNewest = async (): Promise<void> => {
      const page = await client.messages(conversationId, { limit: PAGE });
      apply((old) => ({
        ...old,
        messages: mergeMessages(old.loaded ? old.messages : [], page.messages),
        hasOlder: old.loaded ? old.hasOlder : page.hasOlder,
        firstUnreadId: old.loaded ? old.firstUnreadId : page.firstUnreadId,
        loaded: true,
        prepended: false,
      }));
    };
    void act(readNewest);
    const end = client.onEvent((event) => {
      if (event.type === "transfer" && event.conversationId === conversationId) {
        apply((old) => ({
          ...old,
          messages: replaceAttachment(old.messages, event.messageId, event.attachment),
          prepended: false,
        }));
      }
      if (event.type !== "messages-changed" || event.conversationId !== conversationId) return;
      void act(async () => {
        if (event.messageIds.length === 0 || event.messageIds.length > SINGLE_READS) {
          await readNewest();
          return;
        }
        const found = await Promise.all(event.messageIds.map((id) => readOne(client, conversationId, id)));
        apply((old) => withChanges(old, found));
      });
    });
    return () => {
      gone = true;
      end();
    };
  }, [client, conversationId]);

  const loadOlder = useCallback(async () => {
    const oldest = latest.current.messages[0];
    if (loading.current || oldest === undefined || !latest.current.hasOlder) return false;
    loading.current = true;
    const done = await act(async () => {
      const page = await client.messages(conversationId, { before: oldest.order, limit: PAGE });
      const next = {
        ...latest.current,
        messages: mergeMessages(page.messages, latest.current.messages),
        hasOlder: page.hasOlder,
        prepended: true,
      };
      latest.current = next;
      setState((old) => ({
        ...old,
        messages: mergeMessages(page.messages, old.messages),
        hasOlder: page.hasOlder,
        prepended: true,
      }));
    });
    loading.current = false;
    return done;
  }, [client, conversationId]);

  const ends = useMemo(() => state.messages.flatMap(({ expiresAt }) => expiresAt ?? []), [state.messages]);
  const now = useMoments(ends);
  const messages = useMemo(() => withoutExpired(state.messages, now), [state.messages, now]);
  return { ...state, messages, loadOlder };
}

/** Replaces and adds what was read, and drops what is gone. What is older than the oldest shown waits for its page. */
function withChanges(old: Loaded, found: readonly (MessageView | MessageId)[]): Loaded {
  const oldest = old.messages[0]?.order;
  const views = found
    .filter((view) => typeof view !== "string")
    .filter(({ order }) => !old.hasOlder || oldest === undefined || order >= oldest);
  const gone = new Set(found.filter((view) => typeof view === "string"));
  return { ...old, messages: withoutMessages(mergeMessages(old.messages, views), gone), prepended: false };
}

/** The message, or its id if it is gone. */
async function readOne(
  client: Client,
  conversationId: ConversationId,
  id: MessageId,
): Promise<MessageView | MessageId> {
  try {
    return await client.message(conversationId, id);
  } catch (error) {
    if (error instanceof ClientError && error.code === "not-found") return id;
    throw error;
  }
}
