import type { SimWorld } from "./device.ts";

/** A message that a user wrote and whose `send` returned: it must never be lost. */
export interface Written {
  readonly id: string;
  readonly conversation: string;
  readonly device: string;
  readonly text: string;
  readonly file: Uint8Array | undefined;
}

/** What the users did, as the judge remembers it. */
export class Ledger {
  readonly written = new Map<string, Written>();
  /** Everything that must not be readable at the relay. */
  readonly secrets = new Set<string>();
  /** `device conversation` of requests that were declined, of groups that were joined again, of conversations left. */
  readonly declined = new Set<string>();
  readonly rejoined = new Set<string>();
  /** Ids of messages that their author deleted: one that was not sent yet leaves nothing behind. */
  readonly erased = new Set<string>();
  /** Ids of messages, and of conversations, that have or had a timer: what is written there may go again. */
  readonly timed = new Set<string>();
  /** By device and message id: it was counting down there, or is gone since. */
  readonly counting = new Map<string, "shown" | "gone">();
  /** Links that somebody may use. */
  readonly links: { readonly link: string; readonly maker: string }[] = [];
  readonly groups = new Set<string>();
  #texts = 0;
  readonly #world: SimWorld;

  constructor(world: SimWorld) {
    this.#world = world;
  }

  /** A text that no other message has. */
  newText(): string {
    this.#texts += 1;
    const text = `zq${String(this.#world.seed)}words${String(this.#texts)}qz ${"x".repeat(this.#world.lots.between(0, 200))}`;
    this.secrets.add(text.split(" ")[0] ?? text);
    return text;
  }

  newName(what: string): string {
    this.#texts += 1;
    const name = `${what} zq${String(this.#world.seed)}name${String(this.#texts)}qz`;
    this.secrets.add(`zq${String(this.#world.seed)}name${String(this.#texts)}qz`);
    return name;
  }
}
