import { useEffect, useEffectEvent, useState } from "react";
import type { Client, LockSettings } from "@stonechat/core/client-api";
import { act } from "../state/act.ts";
import { isHeldAwake } from "../state/awake.ts";
import { judgeAttention, nextJudgement, type Attention } from "./auto-lock.ts";
import { Elapsed, type Clocks } from "./elapsed.ts";

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
  const lock = useEffectEvent(onLock);
  const isCovered = useEffectEvent(() => covered);
  useEffect(() => {
    if (settings === undefined) return undefined;
    const elapsed = new Elapsed(PAGE_CLOCKS);
    let attention: Attention = { activeAt: 0, hiddenAt: undefined };
    let timer: ReturnType<typeof setTimeout> | undefined;
    const judge = (): void => {
      clearTimeout(timer);
      const now = elapsed.read();
      if (isHeldAwake()) attention = { ...attention, activeAt: now };
      const verdict = judgeAttention(attention, settings, now, elapsed.slept);
      if (verdict === "lock") {
        lock("by-time");
        return;
      }
      if (verdict === "cover") setCovered(true);
      const wait = nextJudgement(attention, settings, now);
      if (wait !== undefined) timer = setTimeout(judge, wait);
    };
    const noteActivity = (): void => {
      judge();
      // Who sees the cover has to give the secret first.
      if (!isCovered()) attention = { ...attention, activeAt: elapsed.read() };
      judge();
    };
    const noteVisibility = (): void => {
      judge();
      attention = { ...attention, hiddenAt: document.hidden ? elapsed.read() : undefined };
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
  }, [settings, covered]);
  return {
    covered,
    uncover: () => {
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
