import type { Entry, LogId, Seq } from "@stonechat/protocol";

/** An entry that was just stored. */
export interface StoredEntry {
  readonly logId: LogId;
  /** The epoch it belongs to; a commit belongs to the one it closes. */
  readonly epoch: number;
  readonly entry: Entry;
}

/** What is told about logs that other processes over the same store wrote to. */
export interface WakeUpListener {
  /** An entry was stored elsewhere. May come late, twice, out of order or never. */
  stored(entry: StoredEntry): void;
  /** This log changed in some other way, or what was stored was too large to pass on: read it. */
  changed(logId: LogId): void;
  /** All positions before `next` were stored by somebody. Whoever follows and has them already has nothing to do. */
  reached(logId: LogId, next: Seq): void;
  /** Anything may have been missed: look at every log that is followed here. */
  missed(): void;
}

/**
 * Tells relay processes over one store of each other's entries, so that nobody need ask the store all the time. Nothing
 * depends on it but speed: a wake-up that is lost costs a delay, never an entry.
 */
export interface WakeUps {
  /** An entry was stored by this process. Returns at once; never throws. */
  announce(entry: StoredEntry): void;
  /** This process changed a log in another way (it was destroyed). */
  announceChange(logId: LogId): void;
  /** Called once, before the first {@link announce}. */
  listen(listener: WakeUpListener): void;
}

/** For a relay that is alone on its store. */
export const noWakeUps: WakeUps = {
  announce() {
    // Nobody else is there.
  },
  announceChange() {
    // Nobody else is there.
  },
  listen() {
    // Nothing will ever be heard.
  },
};
