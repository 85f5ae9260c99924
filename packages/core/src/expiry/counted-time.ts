import type { Instant } from "../ports/clock.ts";
import type { Transaction } from "../vault/database.ts";

/**
 * [Note: The time that timers go by]
 *
 * A device's clock is set forward and back, by people, by networks and by empty batteries. Timers go by counted time
 * instead: it never goes back, it is the clock's own time as long as nobody puts the clock back, and it goes on at the
 * clock's pace while the clock is behind.
 *
 * - Forward: counted time follows. Messages disappear early, none that had no countdown, and that is what the clock says.
 * - Back: counted time stays and goes on from there. What has disappeared stays away, and a timer of an hour that starts
 *   then still takes an hour. So it does after a jump forward was put right.
 * - Back, then forward to where it was or beyond: a clock that had lost the time, and has found it. Only what lies beyond
 *   the highest time ever seen is counted, so that the years between 1970 and now do not make everything disappear.
 *
 * Nobody can measure what passes while the device is off and its clock is set back meanwhile. Such a message stays for that
 * much longer: whoever has the device, off, has the message anyway.
 */
export interface CountedTime {
  /** The highest time that the clock has ever shown. */
  readonly highest: number;
  /** Counted time is so much ahead of `highest`: what passed while the clock was behind it. */
  readonly ahead: number;
  /** What the clock showed last. */
  readonly last: number;
}

/** Counted time of a device that has never seen its clock go back. */
export function startCounting(clock: Instant): CountedTime {
  return { highest: clock, ahead: 0, last: clock };
}

/** The clock shows `clock` now. See [Note: The time that timers go by]. */
export function count({ highest, ahead, last }: CountedTime, clock: Instant): CountedTime {
  if (clock >= highest) return { highest: clock, ahead, last: clock };
  return { highest, ahead: ahead + Math.max(0, clock - last), last: clock };
}

/** Milliseconds since 1970, or later if the clock has ever been ahead. Never less than at an earlier {@link count}. */
export function countedNow({ highest, ahead }: CountedTime): number {
  return highest + ahead;
}

/** As it was stored last; undefined in a database that never needed it. */
export function loadCountedTime(tx: Transaction): CountedTime | undefined {
  return tx.get<{ highest: number; ahead: number; last: number }>("SELECT highest, ahead, last FROM counted_time");
}

/** Makes counted time durable. It must be before anything is hidden by it, and with every countdown that starts at it. */
export function saveCountedTime(tx: Transaction, { highest, ahead, last }: CountedTime): void {
  tx.run(
    `INSERT INTO counted_time (one, highest, ahead, last) VALUES (1, ?, ?, ?)
     ON CONFLICT (one) DO UPDATE SET highest = excluded.highest, ahead = excluded.ahead, last = excluded.last`,
    highest,
    ahead,
    last,
  );
}
