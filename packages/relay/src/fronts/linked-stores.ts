import type { Duplex } from "node:stream";
import type { Admission } from "../admission/admission.ts";
import { askLineage } from "../lineage/ask-lineage.ts";
import type { WakeUpListener, WakeUps } from "../service/wake-ups.ts";
import type { Operation, Outcome } from "../store/operations.ts";
import { StoreFailedError, type RelayStore } from "../store/relay-store.ts";
import { Batcher } from "./batcher.ts";
import { Link } from "./link.ts";
import { toFrontBatch, toHubBatch, weighToHub, type ToFront, type ToHub } from "./link-messages.ts";

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A front's end of the link: the hub's store, admission and wake-ups, as if they were here.
 *
 * [Note: Wake-ups after outcomes] The hub sends outcomes and wake-ups in the order in which they became true. A read must
 * be taken in before the wake-ups that follow it; its reader continues in a microtask, so wake-ups wait for the next turn.
 */
export class LinkedStores {
  readonly store: RelayStore;
  readonly admission: Admission;
  readonly wakeUps: WakeUps;
  /** Settles when the hub tells this front to end in order. */
  readonly finish: Promise<void>;
  readonly #out: Batcher<ToHub>;
  readonly #waiting = new Map<number, Waiting>();
  readonly #failed = Promise.withResolvers<StoreFailedError>();
  readonly #finish = Promise.withResolvers<undefined>();
  #listener: WakeUpListener | undefined;
  #late: (() => void)[] = [];
  #nextId = 1;
  #low = false;
  #over: StoreFailedError | undefined;

  /** @param admission - What kind of admission the hub has; `admission.use` is told when that changes. */
  constructor(stream: Duplex, admission: Admission["kind"]) {
    const link = new Link(
      stream,
      (message) => {
        for (const item of toFrontBatch.decode(message)) this.#take(item);
      },
      () => {
        this.#end();
      },
    );
    this.#out = new Batcher((items) => {
      link.send(toHubBatch.encode(items));
    }, weighToHub);
    this.finish = this.#finish.promise;
    this.store = this.#createStore(link);
    let kind = admission;
    this.admission = {
      get kind() {
        return kind;
      },
      use: (changed) => {
        kind = changed;
      },
      admit: (code) => this.#say((id) => ({ type: "admit", id, code })),
      refund: async (code) => {
        await this.#say<boolean>((id) => ({ type: "refund", id, code }));
      },
    };
    this.wakeUps = {
      // The hub knows what it stored for us, and tells the others.
      announce: () => undefined,
      announceChange: () => undefined,
      listen: (listener) => {
        this.#listener = listener;
      },
    };
  }

  /** Tells the hub something that needs no answer. */
  tell(item: Extract<ToHub, { readonly type: "figures" | "ready" }>): void {
    this.#out.add(item);
  }

  #createStore(link: Link): RelayStore {
    const ask = <T extends Outcome>(operation: Operation): Promise<T> =>
      this.#say<T>((id) => ({ type: "ask", id, operation }));
    const isLow = (): boolean => this.#low;
    return {
      failed: this.#failed.promise,
      get storageLow() {
        return isLow();
      },
      create: (log) => ask({ type: "create", ...log }),
      append: (entry) => ask({ type: "append", ...entry }),
      commit: (entry) => ask({ type: "commit", ...entry }),
      read: (what) => ask({ type: "read", ...what }),
      destroy: (log) => ask({ type: "destroy", ...log }),
      expire: async (now, maxEntries) => {
        const { expired, more } = await ask<Extract<Outcome, { type: "expired" }>>({ type: "expire", now, maxEntries });
        return { expired, more };
      },
      stats: async () => {
        const { logs, entries, bytes } = await ask<Extract<Outcome, { type: "stats" }>>({ type: "stats" });
        return { logs, entries, bytes };
      },
      pools: {
        put: (what) => ask({ type: "pool-put", ...what }),
        take: (what) => ask({ type: "pool-take", ...what }),
        status: (what) => ask({ type: "pool-status", ...what }),
      },
      lineage: askLineage(ask),
      close: () => {
        this.#over ??= new StoreFailedError("closed");
        link.close();
        return Promise.resolve();
      },
    };
  }

  /** The hub answers each question with the kind of answer that belongs to it. */
  #say<T>(question: (id: number) => ToHub): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#over !== undefined) {
        reject(this.#over);
        return;
      }
      const id = this.#nextId;
      this.#nextId = (id + 1) % 2 ** 32;
      this.#waiting.set(id, { resolve, reject });
      this.#out.add(question(id));
    });
  }

  #take(item: ToFront): void {
    switch (item.type) {
      case "outcome":
        this.#settle(item.id, item.outcome);
        break;
      case "admitted":
        this.#settle(item.id, item.yes);
        break;
      case "stored":
        this.#later(() => this.#listener?.stored(item));
        break;
      case "changed":
        this.#later(() => this.#listener?.changed(item.logId));
        break;
      case "storage":
        this.#low = item.low;
        break;
      case "finish":
        this.#finish.resolve(undefined);
        break;
    }
  }

  #settle(id: number, value: Outcome | boolean): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.resolve(value as never); // see #say
  }

  /** See [Note: Wake-ups after outcomes]. */
  #later(work: () => void): void {
    this.#late.push(work);
    if (this.#late.length > 1) return;
    setImmediate(() => {
      const late = this.#late;
      this.#late = [];
      for (const each of late) each();
    });
  }

  #end(): void {
    const closing = this.#over !== undefined;
    this.#over ??= new StoreFailedError("the hub is gone");
    for (const { reject } of this.#waiting.values()) reject(this.#over);
    this.#waiting.clear();
    if (!closing) this.#failed.resolve(this.#over);
  }
}
