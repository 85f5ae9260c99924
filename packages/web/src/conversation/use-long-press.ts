import { useRef, type PointerEvent } from "react";

const LONG_PRESS_MS = 450;
const SLACK_PX = 10;

interface LongPressHandlers {
  readonly onPointerDown: (event: PointerEvent) => void;
  readonly onPointerMove: (event: PointerEvent) => void;
  readonly onPointerUp: () => void;
  readonly onPointerCancel: () => void;
}

/** Calls `onLongPress` when a finger rests on an element. A mouse has its own button for menus. */
export function useLongPress(onLongPress: () => void): LongPressHandlers {
  const press = useRef<{ readonly timer: ReturnType<typeof setTimeout>; readonly x: number; readonly y: number }>(
    undefined,
  );
  const stop = (): void => {
    clearTimeout(press.current?.timer);
    press.current = undefined;
  };
  return {
    onPointerDown: (event) => {
      stop();
      if (event.pointerType === "mouse") return;
      press.current = { timer: setTimeout(onLongPress, LONG_PRESS_MS), x: event.clientX, y: event.clientY };
    },
    onPointerMove: (event) => {
      const start = press.current;
      if (start !== undefined && Math.hypot(event.clientX - start.x, event.clientY - start.y) > SLACK_PX) stop();
    },
    onPointerUp: stop,
    onPointerCancel: stop,
  };
}
