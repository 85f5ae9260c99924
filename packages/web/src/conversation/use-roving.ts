import { useState, type KeyboardEvent, type RefObject } from "react";
import type { VirtualizerHandle } from "virtua";
import type { MessageId } from "@stonechat/core/client-api";
import type { MessageRow as Row } from "./build-rows.ts";

interface Roving {
  /** The one message that Tab reaches. */
  readonly currentId: MessageId | undefined;
  /** Its row stays drawn, or -1. */
  readonly focusedIndex: number;
  readonly setFocusedId: (id: MessageId) => void;
  readonly onKeyDown: (event: KeyboardEvent<HTMLDivElement>) => void;
}

/** One message of the list is reached by Tab, the others from it by the arrow keys. */
export function useRoving(
  rows: readonly Row[],
  list: RefObject<VirtualizerHandle | null>,
  scroller: RefObject<HTMLDivElement | null>,
): Roving {
  const [focusedId, setFocusedId] = useState<MessageId>();
  const focusedIndex = focusedId === undefined ? -1 : rows.findIndex(({ key }) => key === focusedId);
  const currentId = focusedIndex >= 0 ? focusedId : lastMessageId(rows);
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    const step = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
    if (step === 0 || !(event.target instanceof HTMLElement) || event.target.dataset["message"] === undefined) return;
    event.preventDefault();
    const from = rows.findIndex(({ key }) => key === currentId);
    for (let index = from + step; index >= 0 && index < rows.length; index += step) {
      const row = rows[index];
      if (row?.type !== "message") continue;
      setFocusedId(row.key);
      list.current?.scrollToIndex(index, { align: "nearest" });
      requestAnimationFrame(() => {
        focusMessage(scroller.current, row.key);
      });
      return;
    }
  };
  return { currentId, focusedIndex, setFocusedId, onKeyDown };
}

function lastMessageId(rows: readonly Row[]): string | undefined {
  return rows.findLast(({ type }) => type === "message")?.key;
}

function focusMessage(scroller: HTMLElement | null, id: MessageId): void {
  scroller?.querySelector<HTMLElement>(`[data-message="${CSS.escape(id)}"]`)?.focus({ preventScroll: true });
}
