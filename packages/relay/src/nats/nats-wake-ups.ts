import { connect, type Msg, type NatsConnection } from "@nats-io/transport-node";
import { WireError, type LogId } from "@stonechat/protocol";
import { describeError, type Log } from "@stonechat/serving";
import type { StoredEntry, WakeUpListener, WakeUps } from "../service/wake-ups.ts";
import {
  deliver,
  MAX_WAKE_UPS_BYTES,
  toWakeUp,
  WAKE_UPS_VERSION,
  wakeUpBatch,
  weightOf,
  type WakeUp,
} from "./wake-up-batch.ts";
import type { NatsAddress } from "./nats-url.ts";

const RECONNECT_MS = 250;
const PING_MS = 5000;
/** What waits for the end of this turn may not grow without limit: beyond, the others look at the store. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;

export interface NatsWakeUpsOptions {
  readonly address: NatsAddress;
  /** Relays over one store share it; others on the same server have another. */
  readonly subject: string;
  readonly log: Log;
}

/**
 * Wake-ups over NATS. What happens in one turn of the event loop travels together, on one subject: every relay has clients
 * of every log, so that a subject for each part of the logs would be heard by all just the same.
 *
 * Nothing waits for NATS: while it cannot be reached nothing is told, and when it is back everybody looks at the store.
 */
export class NatsWakeUps implements WakeUps {
  readonly #options: NatsWakeUpsOptions;
  #connection: NatsConnection | undefined;
  #connected = false;
  #closed = false;
  #listener: WakeUpListener | undefined;
  #waiting: WakeUp[] = [];
  #waitingBytes = 0;
  #scheduled = false;

  /** Begins to connect, and goes on trying. Close it when done. */
  constructor(options: NatsWakeUpsOptions) {
    this.#options = options;
    void this.#connect();
  }

  announce(stored: StoredEntry): void {
    this.#tell(toWakeUp(stored));
  }

  announceChange(logId: LogId): void {
    this.#tell({ type: "changed", logId });
  }

  listen(listener: WakeUpListener): void {
    this.#listener = listener;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#send();
    // It fails when the server is away; then there is nobody to take leave of.
    await this.#connection?.drain().catch(() => undefined);
    await this.#connection?.close();
  }

  #tell(wakeUp: WakeUp): void {
    if (!this.#connected) return;
    this.#waiting.push(wakeUp);
    this.#waitingBytes += weightOf(wakeUp);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#send();
    });
  }

  #send(): void {
    const waiting = this.#waitingBytes > MAX_WAITING_BYTES ? [{ type: "missed" } as const] : this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    let batch: WakeUp[] = [];
    let bytes = 0;
    for (const wakeUp of waiting) {
      if (bytes + weightOf(wakeUp) > MAX_WAKE_UPS_BYTES) {
        this.#publish(batch);
        batch = [];
        bytes = 0;
      }
      batch.push(wakeUp);
      bytes += weightOf(wakeUp);
    }
    if (batch.length > 0) this.#publish(batch);
  }

  #publish(wakeUps: readonly WakeUp[]): void {
    if (!this.#connected) return;
    try {
      this.#connection?.publish(this.#options.subject, wakeUpBatch.encode({ version: WAKE_UPS_VERSION, wakeUps }));
    } catch (error) {
      this.#options.log({ level: "warn", event: "wake-up-not-sent", ...describeError(error) });
    }
  }

  /** What is on the wire may be anything: what does not decode is a reason to look at the store, and no more. */
  #receive(error: Error | null, message: Msg): void {
    const listener = this.#listener;
    if (listener === undefined || error !== null) return;
    try {
      const { version, wakeUps } = wakeUpBatch.decode(message.data);
      if (version !== WAKE_UPS_VERSION) listener.missed();
      else for (const wakeUp of wakeUps) deliver(wakeUp, listener);
    } catch (cause) {
      if (!(cause instanceof WireError)) throw cause;
      this.#options.log({ level: "warn", event: "wake-up-malformed", ...describeError(cause) });
      listener.missed();
    }
  }

  async #connect(): Promise<void> {
    const { address, subject, log } = this.#options;
    try {
      const connection = await connect({
        ...address,
        name: "stonechat-relay",
        noEcho: true,
        maxReconnectAttempts: -1,
        waitOnFirstConnect: true,
        reconnectTimeWait: RECONNECT_MS,
        pingInterval: PING_MS,
      });
      this.#connection = connection;
      if (this.#closed) {
        await connection.close();
        return;
      }
      connection.subscribe(subject, {
        callback: (error, message) => {
          this.#receive(error, message);
        },
      });
      this.#back();
      for await (const { type } of connection.status()) {
        if (type === "disconnect") this.#gone();
        if (type === "reconnect") this.#back();
      }
    } catch (error) {
      // Only what trying again cannot mend ends here: a wrong password, or a URL that no server has.
      log({ level: "error", event: "wake-ups-off", ...describeError(error) });
    }
    this.#connected = false;
  }

  #gone(): void {
    if (this.#connected) this.#options.log({ level: "warn", event: "wake-ups-lost" });
    this.#connected = false;
  }

  /** Neither did we hear the others nor they us. */
  #back(): void {
    this.#connected = true;
    this.#options.log({ level: "info", event: "wake-ups-connected" });
    this.#tell({ type: "missed" });
    this.#listener?.missed();
  }
}
