import { chmodSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import type { Duplex } from "node:stream";
import { describeError, type Log } from "@stonechat/serving";
import type { Admission } from "../admission/admission.ts";
import { COUNTERS, type CounterName } from "../service/counters.ts";
import type { Operation, Outcome } from "../store/operations.ts";
import type { RelayStore } from "../store/relay-store.ts";
import { Batcher } from "./batcher.ts";
import { Link } from "./link.ts";
import { toFrontBatch, toHubBatch, weighToFront, type ToFront, type ToHub } from "./link-messages.ts";
import { perform } from "./perform.ts";

export interface HubParts {
  readonly store: RelayStore;
  readonly admission: Admission;
  readonly log: Log;
  /** A front that leaves more than this unread is let go of, in bytes; {@link MAX_UNREAD_BYTES} by default. */
  readonly maxUnreadBytes?: number;
}

/** Above this a front is heard no more until it has read: its clients' reads must not fill this process. */
const PAUSE_BYTES = 16 * 1024 * 1024;
/** Far more than a busy front ever leaves: it is stopped or stuck, and others' messages would gather for it without end. */
const MAX_UNREAD_BYTES = 512 * 1024 * 1024;

/** What one front has told of itself. */
interface Front {
  readonly out: Batcher<ToFront>;
  readonly link: Link;
  figures: Extract<ToHub, { readonly type: "figures" }> | undefined;
  storageLow: boolean;
}

const NAMES = Object.keys(COUNTERS) as readonly CounterName[]; // the keys of a constant

/**
 * The process that keeps everything, as the fronts see it: carries out their operations on the one store, and tells each
 * front what the others' clients stored. Outcomes and wake-ups go out in the order in which they became true.
 */
export class Hub {
  readonly #parts: HubParts;
  readonly #fronts = new Set<Front>();
  /** Counters of fronts that are gone, so that sums never fall. */
  readonly #gone = new Map<CounterName, number>();
  #server: Server | undefined;

  constructor(parts: HubParts) {
    this.#parts = parts;
  }

  /** Waits for fronts at a Unix socket, which only this user may open. */
  async listen(path: string): Promise<void> {
    rmSync(path, { force: true }); // left by a process that was killed; the data folder's lock says that we are alone
    const server = createServer((socket) => {
      this.accept(socket);
    });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(path, resolve);
    });
    chmodSync(path, 0o600);
    this.#server = server;
  }

  /** A front has come. */
  accept(stream: Duplex): void {
    const link: Link = new Link(
      stream,
      (message) => {
        for (const item of toHubBatch.decode(message)) void this.#take(front, item);
      },
      () => {
        this.#leave(front);
      },
    );
    const out = new Batcher<ToFront>((items) => {
      link.send(toFrontBatch.encode(items));
      this.#holdBack(link);
    }, weighToFront);
    const front: Front = { out, link, figures: undefined, storageLow: false };
    this.#fronts.add(front);
  }

  /** Sums over all fronts, those that ended included. */
  count(name: CounterName): number {
    const at = NAMES.indexOf(name);
    let sum = this.#gone.get(name) ?? 0;
    for (const { figures } of this.#fronts) sum += figures?.counters[at] ?? 0;
    return sum;
  }

  get connectionCount(): number {
    return this.#sum((figures) => figures.connections);
  }

  get followedLogs(): number {
    return this.#sum((figures) => figures.followedLogs);
  }

  /** Tells every front to end in order. */
  finish(): void {
    for (const { out } of this.#fronts) out.add({ type: "finish" });
  }

  close(): void {
    this.#server?.close();
    for (const { link } of this.#fronts) link.close();
  }

  #holdBack(link: Link): void {
    const { pendingBytes } = link;
    if (pendingBytes > PAUSE_BYTES) link.waitUntilSent();
    if (pendingBytes <= (this.#parts.maxUnreadBytes ?? MAX_UNREAD_BYTES)) return;
    this.#parts.log({ level: "error", event: "front-too-slow" });
    link.close();
  }

  async #take(front: Front, item: ToHub): Promise<void> {
    try {
      switch (item.type) {
        case "ask":
          await this.#perform(front, item.id, item.operation);
          break;
        case "admit":
          front.out.add({ type: "admitted", id: item.id, yes: await this.#parts.admission.admit(item.code) });
          break;
        case "refund":
          await this.#parts.admission.refund(item.code);
          front.out.add({ type: "admitted", id: item.id, yes: true });
          break;
        case "figures":
          front.figures = item;
          break;
        case "ready":
          break;
      }
    } catch (error) {
      // The store failed, and says so to whoever started it; this front must not wait for an answer that will not come.
      this.#parts.log({ level: "error", event: "front-request-failed", ...describeError(error) });
      front.link.close();
    }
  }

  async #perform(front: Front, id: number, operation: Operation): Promise<void> {
    const { store } = this.#parts;
    const outcome = await perform(store, operation);
    if (front.storageLow !== store.storageLow) {
      front.storageLow = store.storageLow;
      front.out.add({ type: "storage", low: store.storageLow });
    }
    front.out.add({ type: "outcome", id, outcome });
    this.#tellOthers(front, operation, outcome);
  }

  #tellOthers(front: Front, operation: Operation, outcome: Outcome): void {
    if (operation.type === "destroy" && outcome.type === "destroyed") {
      this.#broadcast(front, { type: "changed", logId: operation.logId });
      return;
    }
    if (operation.type !== "append" && operation.type !== "commit") return;
    if (outcome.type !== "appended" || outcome.duplicate) return;
    const { logId, entryId, expiresAt, body } = operation;
    const kind = operation.type === "append" ? "message" : "commit";
    const entry = { seq: outcome.seq, kind, entryId, expiresAt, body } as const;
    this.#broadcast(front, { type: "stored", logId, epoch: outcome.epoch, entry });
  }

  #broadcast(except: Front, item: ToFront): void {
    for (const front of this.#fronts) if (front !== except) front.out.add(item);
  }

  #leave(front: Front): void {
    this.#fronts.delete(front);
    for (const [at, name] of NAMES.entries()) {
      this.#gone.set(name, (this.#gone.get(name) ?? 0) + (front.figures?.counters[at] ?? 0));
    }
  }

  #sum(of: (figures: Extract<ToHub, { readonly type: "figures" }>) => number): number {
    let sum = 0;
    for (const { figures } of this.#fronts) sum += figures === undefined ? 0 : of(figures);
    return sum;
  }
}
