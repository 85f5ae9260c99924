import { useEffect, useState } from "react";
import type { Instant } from "@stonechat/core/client-api";

/** No timer is set for less than a second or more than an hour: browsers' timers end at 24 days. */
const SHORTEST_MS = 1_000;
const LONGEST_MS = 3_600_000;

/** The present moment, drawn anew every `everyMs`, or never if it is undefined. */
export function useNow(everyMs: number | undefined): Instant {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (everyMs === undefined) return undefined;
    const tick = (): void => {
      setNow(Date.now());
    };
    const timer = setInterval(tick, Math.min(Math.max(everyMs, SHORTEST_MS), LONGEST_MS));
    document.addEventListener("visibilitychange", tick);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", tick);
    };
  }, [everyMs]);
  return now;
}

/**
 * The present moment, drawn anew exactly when the first of `moments` has come. Also when the page comes to the front
 * again: timers of hidden pages and of sleeping devices run late.
 */
export function useMoments(moments: readonly Instant[]): Instant {
  const [now, setNow] = useState(() => Date.now());
  const next = moments.reduce((first, moment) => (moment > now && moment < first ? moment : first), Infinity);
  useEffect(() => {
    if (next === Infinity) return undefined;
    const tick = (): void => {
      setNow(Date.now());
    };
    const timer = setTimeout(tick, Math.min(Math.max(next - Date.now(), 0) + 1, LONGEST_MS));
    document.addEventListener("visibilitychange", tick);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", tick);
    };
  }, [next, now]);
  return now;
}
