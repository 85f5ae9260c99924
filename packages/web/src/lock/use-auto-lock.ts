import { useEffect, useEffectEvent, useState } from "react";
import type { Client, LockSettings } from "@stonechat/core/client-api";
import { act } from "../state/act.ts";
import { isHeldAwake } from "../state/awake.ts";
import type { Clocks } from "./elapsed.ts";
import { Watch } from "./watch.ts";

const PAGE_CLOCKS: Clocks = { steady: () => performance.now(), wall: () => Date.now() };
const ACTIVITY = ["pointerdown", "keydown", "wheel", "touchstart"] as const;
const LOCKING_FINGERS = 3;

/** What locks by itself does to the app. */
interface AutoLock {
  /** The screen is to be covered. */
  readonly covered: boolean;
  /** The secret was given. */
  readonly uncover: () => void;
}

/**
 * Covers and locks the app by time, when it is hidden, after sleep, and at once for Ctrl+Shift+L or three fingers.
 *
 * @param onLock - `now`: what was asked for in a hurry; nothing is waited for.
 */
export function useAutoLock(client: Client, onLock: (how: "by-time" | "now") => void): AutoLock {
  const settings = useLockSettings(client);
  const [covered, setCovered] = useState(false);
  const [watch] = useState(() => new Watch(PAGE_CLOCKS, document.hidden));
  const lock = useEffectEvent(onLock);
  const isCovered = useEffectEvent(() => covered);
  useEffect(() => {
    if (settings === undefined) return undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const judge = (): void => {
      clearTimeout(timer);
      const { verdict, wait } = watch.judge(settings, isHeldAwake());
      if (verdict === "lock") {
        lock("by-time");
        return;
      }
      if (verdict === "cover") setCovered(true);
      if (wait !== undefined) timer = setTimeout(judge, wait);
    };
    const noteActivity = (): void => {
      judge();
      // Who sees the cover has to give the secret first.
      if (!isCovered()) watch.noteActivity();
      judge();
    };
    const noteVisibility = (): void => {
      judge();
      watch.noteVisibility(document.hidden);
      judge();
    };
    const leave = ({ persisted }: PageTransitionEvent): void => {
      // Else the worker ends with the page, after it has taken what was still on its way.
      if (persisted) lock("now");
    };
    const noteKey = (event: KeyboardEvent): void => {
      if (!(event.ctrlKey || event.metaKey) || !event.shiftKey || event.code !== "KeyL") return;
      event.preventDefault();
      lock("now");
    };
    const noteTouch = (event: TouchEvent): void => {
      if (event.touches.length >= LOCKING_FINGERS) lock("now");
    };
    for (const type of ACTIVITY) addEventListener(type, noteActivity, { capture: true, passive: true });
    addEventListener("keydown", noteKey, { capture: true });
    addEventListener("touchstart", noteTouch, { capture: true, passive: true });
    document.addEventListener("visibilitychange", noteVisibility);
    document.addEventListener("resume", judge);
    // A page that is kept for going back to must not keep what was on it.
    addEventListener("pagehide", leave);
    judge();
    return () => {
      clearTimeout(timer);
      for (const type of ACTIVITY) removeEventListener(type, noteActivity, { capture: true });
      removeEventListener("keydown", noteKey, { capture: true });
      removeEventListener("touchstart", noteTouch, { capture: true });
      document.removeEventListener("visibilitychange", noteVisibility);
      document.removeEventListener("resume", judge);
      removeEventListener("pagehide", leave);
    };
  }, [settings, covered, watch]);
  return {
    covered,
    uncover: () => {
      watch.noteActivity();
      setCovered(false);
    },
  };
}

function useLockSettings(client: Client): LockSettings | undefined {
  const [settings, setSettings] = useState<LockSettings>();
  useEffect(() => {
    const load = (): void =>
      void act(async () => {
        setSettings(await client.lockSettings());
      });
    load();
    return client.onEvent((event) => {
      if (event.type === "settings-changed") load();
    });
  }, [client]);
  return settings;
}
