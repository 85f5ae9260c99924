import type { Client, ClientEvent } from "@stonechat/core";
import { lockedFailure, refuse } from "../failure.ts";
import { BackendGone, type Backend } from "./backend.ts";
import { isRepeatable, sharedMethods, type SharedMethod } from "./client-methods.ts";

const MAX_TRIES = 5;

/**
 * A {@link Client} on whichever process holds the profile: this one or another. When the other goes away, the next
 * backend takes over (it may then be this process), so a `listen` outlives the `send` whose core it shared.
 *
 * @param open - Finds the next backend. @throws {@link CliFailure} when there is none.
 */
export class SharedClient {
  readonly #open: () => Promise<Backend>;
  readonly #listeners = new Set<(event: ClientEvent) => void>();
  #backend: Promise<Backend> | undefined;
  #online = false;
  #closed = false;
  #locked = false;
  #lose: (reason: Error) => void = () => undefined;
  /** Resolves with the reason when no backend could take over, or the profile was locked. */
  readonly lost: Promise<Error>;

  constructor(open: () => Promise<Backend>) {
    this.#open = open;
    this.lost = new Promise((resolve) => {
      this.#lose = resolve;
    });
  }

  /** Finds the first backend. @throws what `open` throws. */
  async connect(): Promise<void> {
    await this.#current();
  }

  /** The client that commands use. */
  asClient(): Client {
    const calls = sharedMethods().map(
      (method) => [method, (...args: readonly unknown[]) => this.#call(method, args)] as const,
    );
    const own: Pick<Client, "start" | "close" | "onEvent"> = {
      start: () => this.#start(),
      close: () => this.close(),
      onEvent: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
    };
    // Every other method of the interface is in the list: the type of METHODS says so.
    return { ...Object.fromEntries(calls), ...own } as unknown as Client;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const backend = this.#backend;
    this.#backend = undefined;
    if (backend === undefined) return;
    // A backend that could not be opened has nothing to close, and whoever asked for it has heard why.
    const opened = await backend.catch(() => undefined);
    await opened?.close();
  }

  async #start(): Promise<void> {
    this.#online = true;
    await this.#retry("start", []);
  }

  async #call(method: SharedMethod, args: readonly unknown[]): Promise<unknown> {
    return await this.#retry(method, args);
  }

  async #retry(method: SharedMethod | "start", args: readonly unknown[]): Promise<unknown> {
    for (let tries = 1; ; tries += 1) {
      try {
        const backend = await this.#current();
        return await backend.call(method, args);
      } catch (error) {
        if (!(error instanceof BackendGone)) throw error;
        const safe = !error.begun || method === "start" || isRepeatable(method);
        if (!safe || tries >= MAX_TRIES) {
          throw refuse(
            "The stonechat that had the profile open ended before it answered. Look whether it was done, then try again.",
            { cause: error },
          );
        }
      }
    }
  }

  #current(): Promise<Backend> {
    if (this.#closed) return Promise.reject(refuse("Cancelled."));
    if (this.#locked) return Promise.reject(lockedFailure());
    this.#backend ??= this.#attach();
    return this.#backend;
  }

  async #attach(): Promise<Backend> {
    let backend: Backend;
    try {
      backend = await this.#open();
    } catch (error) {
      this.#backend = undefined;
      throw error;
    }
    backend.onEvent((event) => {
      for (const listener of this.#listeners) listener(event);
    });
    void backend.gone.then((how) => {
      if (how === "locked") this.#lock();
      else this.#replace();
    });
    if (this.#online) await backend.call("start", []);
    return backend;
  }

  /** Somebody locked the profile: this process must not open it again by itself. */
  #lock(): void {
    this.#locked = true;
    this.#backend = undefined;
    if (!this.#closed) this.#lose(lockedFailure());
  }

  #replace(): void {
    this.#backend = undefined;
    if (this.#closed || !this.#online) return;
    this.#current().catch((error: unknown) => {
      this.#lose(error instanceof Error ? error : refuse("The profile was lost."));
    });
  }
}
