import type { Clock } from "../../ports/clock.ts";

/** The result of `work`, or undefined after `timeoutMs`. The work itself goes on. */
export async function withDeadline<T>(work: Promise<T>, timeoutMs: number, clock: Clock): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimer(timeoutMs, () => {
      resolve(undefined);
    });
    work.then(resolve, reject).finally(() => {
      timer.cancel();
    });
  });
}

/**
 * Waits until all of `tasks` are done or, once `enough` says so, a grace of `graceMs` has passed: a slow one delays the
 * others no longer. Rejects with the first task that fails.
 */
export async function gather(
  tasks: readonly Promise<unknown>[],
  enough: () => boolean,
  graceMs: number,
  clock: Clock,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let waiting = tasks.length;
    let grace: { cancel(): void } | undefined;
    const end = (): void => {
      grace?.cancel();
      resolve();
    };
    const note = (): void => {
      waiting -= 1;
      if (waiting <= 0) end();
      else if (enough()) grace ??= clock.setTimer(graceMs, end);
    };
    if (waiting === 0) resolve();
    for (const task of tasks) task.then(note, reject);
  });
}
