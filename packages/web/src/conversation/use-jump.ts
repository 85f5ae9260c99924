import { useEffect, useState, useSyncExternalStore, type RefObject } from "react";
import type { VirtualizerHandle } from "virtua";
import type { ConversationId, MessageId } from "@stonechat/core/client-api";
import type { Messages } from "../state/use-messages.ts";
import type { MessageRow as Row } from "./build-rows.ts";
import { onJump, readJump, takeJump } from "./jump-request.ts";

const FLASH_MS = 1_600;

/** Scrolls to a message, loading older ones until it is there, and lets it glow for a moment. */
export function useJump(
  conversationId: ConversationId,
  rows: readonly Row[],
  list: RefObject<VirtualizerHandle | null>,
  { loaded, hasOlder, loadOlder }: Messages,
): { readonly flashed: string | undefined; readonly jumpTo: (id: MessageId) => void } {
  const [wanted, setWanted] = useState<MessageId>();
  const [flashed, setFlashed] = useState<MessageId>();
  const request = useSyncExternalStore(onJump, readJump);
  useEffect(() => {
    if (!loaded || request?.conversationId !== conversationId) return;
    takeJump();
    setWanted(request.messageId);
  }, [loaded, request, conversationId]);
  useEffect(() => {
    if (wanted === undefined) return;
    const index = rows.findIndex(({ key }) => key === wanted);
    if (index < 0 && hasOlder) {
      void loadOlder();
      return;
    }
    setWanted(undefined);
    if (index < 0) return;
    list.current?.scrollToIndex(index, { align: "center" });
    setFlashed(wanted);
  }, [wanted, rows, hasOlder, loadOlder, list]);
  useEffect(() => {
    if (flashed === undefined) return undefined;
    const timer = setTimeout(() => {
      setFlashed(undefined);
    }, FLASH_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [flashed]);
  return { flashed, jumpTo: setWanted };
}
