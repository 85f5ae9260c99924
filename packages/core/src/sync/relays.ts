import type { Random } from "@stonechat/crypto";
import type { Run } from "@stonechat/protocol";
import type { Clock } from "../ports/clock.ts";
import type { Transport } from "../ports/transport.ts";
import { RelayLink, type LinkState } from "./relay-link.ts";
import { Subscriptions } from "./subscriptions.ts";

export interface RelayConnection {
  readonly link: RelayLink;
  readonly subscriptions: Subscriptions;
}

/** The relays this device talks to, one connection each, made when first needed. */
export class Relays {
  readonly #ports: { readonly transport: Transport; readonly clock: Clock; readonly random: Random };
  readonly #onState: (url: string, state: LinkState) => void;
  readonly #onActivity: () => void;
  readonly #onRuns: (url: string, runs: readonly Run[]) => Promise<boolean>;
  #closed = false;
  readonly #byUrl = new Map<string, RelayConnection>();

  constructor(
    ports: { readonly transport: Transport; readonly clock: Clock; readonly random: Random },
    events: {
      onState(url: string, state: LinkState): void;
      onActivity(): void;
      onRuns(url: string, runs: readonly Run[]): Promise<boolean>;
    },
  ) {
    this.#ports = ports;
    this.#onState = (url, state) => {
      events.onState(url, state);
    };
    this.#onRuns = (url, runs) => events.onRuns(url, runs);
    this.#onActivity = () => {
      events.onActivity();
    };
  }

  at(url: string): RelayConnection {
    const existing = this.#byUrl.get(url);
    if (existing !== undefined) return existing;
    const link: RelayLink = new RelayLink(url, this.#ports, {
      onState: (state) => {
        if (state === "online") subscriptions.onOnline();
        this.#onState(url, state);
        this.#onActivity();
      },
      onRuns: (runs) => this.#onRuns(url, runs),
      isBehind: () => subscriptions.isBehind,
      onEntries: (page) => {
        subscriptions.onEntries(page);
        this.#onActivity();
      },
    });
    const subscriptions = new Subscriptions(link);
    const connection = { link, subscriptions };
    if (this.#closed) return connection;
    this.#byUrl.set(url, connection);
    link.open();
    return connection;
  }

  all(): readonly RelayConnection[] {
    return [...this.#byUrl.values()];
  }

  /** The network may have changed: sees at once which connections still hold, and waits no longer for the others. */
  hurry(): void {
    for (const { link } of this.#byUrl.values()) link.hurry();
  }

  /** Ends all connections; none is made any more. */
  close(): void {
    this.#closed = true;
    for (const { link } of this.#byUrl.values()) link.close();
    this.#byUrl.clear();
  }
}
