let holds = 0;

/** Keeps the app from locking for want of a press, while something must not be lost. Returns what ends it; call it once. */
export function holdAwake(): () => void {
  holds += 1;
  return () => {
    holds -= 1;
  };
}

export function isHeldAwake(): boolean {
  return holds > 0;
}
