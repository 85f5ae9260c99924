import type { Clock } from "../ports/clock.ts";

/** Lets somebody wait until a condition holds, without polling: it is asked again whenever something was done. */
export class Progress {
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Something was done. */
  wake(): void {
    for (const check of [...this.#waiting]) check();
  }

  /** `true` as soon as `holds` does, `false` after `timeoutMs`. */
  until(holds: () => Promise<boolean>, timeoutMs: number): Promise<boolean> {
    return new Promise((resolve, reject) => {
      let checking = false;
      let again = false;
      const finish = (result: () => void): void => {
        this.#waiting.delete(check);
        timer.cancel();
        result();
      };
      const check = (): void => {
        again = true;
        if (checking) return;
        checking = true;
        void (async () => {
          while (again) {
            again = false;
            if (await holds())
              finish(() => {
                resolve(true);
              });
          }
        })()
          .catch((error: unknown) => {
            finish(() => {
              reject(error instanceof Error ? error : new Error("unknown", { cause: error }));
            });
          })
          .finally(() => {
            checking = false;
          });
      };
      const timer = this.#clock.setTimer(timeoutMs, () => {
        finish(() => {
          resolve(false);
        });
      });
      this.#waiting.add(check);
      check();
    });
  }
}
