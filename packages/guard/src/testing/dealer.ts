import { guardEntrySecret, guardTagHash, sha256, voprfDeriveKeyPair, type Random } from "@stonechat/crypto/guard";
import type {
  DeviceKey,
  GuardAnswer,
  GuardEntry,
  GuardOperation,
  GuardTag,
  KeepAlive,
  Ticket,
} from "@stonechat/protocol";
import type { GuardRecord, Known } from "../machine/record.ts";
import { step } from "../machine/step.ts";

/** An entry, the tag that opens it, and what it releases then. */
export interface DealtEntry {
  readonly entry: GuardEntry;
  readonly tag: GuardTag;
  readonly secret: Uint8Array;
}

/** Makes what a client makes. */
export class Dealer {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  bytes(length = 32): Uint8Array {
    return this.#random.bytes(length);
  }

  share(): Uint8Array {
    return voprfDeriveKeyPair(this.bytes(), new Uint8Array(0)).privateKey;
  }

  /** Some element of the group. */
  element(): Uint8Array {
    return voprfDeriveKeyPair(this.bytes(), new Uint8Array(0)).publicKey;
  }

  tag(): GuardTag {
    return this.bytes() as GuardTag;
  }

  entry(tag: GuardTag = this.tag(), pad: Uint8Array = this.bytes()): DealtEntry {
    const material = this.bytes();
    return { entry: { tagHash: guardTagHash(tag, pad), material, pad }, tag, secret: guardEntrySecret(material, pad) };
  }

  /** Four entries, of which the first ones open with these tags. */
  entries(...tags: readonly GuardTag[]): readonly DealtEntry[] {
    return Array.from({ length: 4 }, (_, at) => this.entry(tags[at]));
  }

  register(entries: readonly DealtEntry[], revocation: Uint8Array = this.bytes()): GuardOperation {
    const authKey = this.bytes() as DeviceKey;
    const list = entries.map(({ entry }) => entry);
    return { type: "register", authKey, share: this.share(), entries: list, revokeHash: sha256(revocation) };
  }

  prepare(
    tag: GuardTag,
    from: number,
    generation: number,
    entries: readonly DealtEntry[],
    keepAlive: readonly KeepAlive[] = [],
  ): GuardOperation {
    const list = entries.map(({ entry }) => entry);
    return { type: "prepare", tag, from, generation, share: undefined, entries: list, keepAlive };
  }
}

/** One record that operations are done to, one after the other. */
export class Subject {
  known: Known = { type: "absent" };
  now = 1_800_000_000_000;
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  ask(operation: GuardOperation): GuardAnswer {
    const { change, answer } = step(this.known, operation, { now: this.now, random: this.#random });
    if (change.type === "put") this.known = { type: "alive", record: change.record };
    if (change.type === "destroy") this.known = { type: "dead" };
    return answer;
  }

  /** One guess up to its ticket. @throws Error if the guard does not evaluate. */
  evaluate(blindedElement: Uint8Array, generation = 1): Ticket {
    const answer = this.ask({ type: "evaluate", generation, blindedElement });
    if (answer.type !== "evaluated") throw new Error(`was answered ${answer.type}`);
    return answer.ticket;
  }

  get record(): GuardRecord {
    if (this.known.type !== "alive") throw new Error("there is no record");
    return this.known.record;
  }
}
