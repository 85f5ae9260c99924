import { initCrypto, sha256, voprfShareKeyPair } from "@stonechat/crypto/guard";
import type { GuardAnswer, GuardOperation, GuardTag, Ticket } from "@stonechat/protocol";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Dealer, Subject, type DealtEntry } from "../testing/dealer.ts";

beforeAll(initCrypto);

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DENIED: GuardAnswer = { type: "refused", reason: "denied" };
/** The generator of ristretto255 (RFC 9496 §4): evaluated under a key it gives the public key. */
const BASE = Uint8Array.from(Buffer.from("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76", "hex"));
const refusal = (reason: string): unknown => ({ type: "refused", reason });

let dealer: Dealer;
let subject: Subject;
let real: GuardTag;
let decoy: GuardTag;
let dealt: readonly DealtEntry[];
let registration: GuardOperation;

beforeEach(() => {
  const random = repeatableRandom("step");
  dealer = new Dealer(random);
  subject = new Subject(random);
  real = dealer.tag();
  decoy = dealer.tag();
  dealt = dealer.entries(real, decoy);
  registration = dealer.register(dealt);
  subject.ask(registration);
});

const secretOf = (position: number): Uint8Array | undefined => dealt[position]?.secret;
const opened = (secret: Uint8Array | undefined): unknown => ({ type: "opened", secret });
const openWith = (tag: GuardTag, generation = 1): GuardAnswer =>
  subject.ask({ type: "open", ticket: subject.evaluate(dealer.element(), generation), tag });
const left = (): number => subject.record.guessesLeft;

describe("register", () => {
  test("begins with ten guesses in generation 1", () => {
    expect(subject.ask({ type: "status" })).toEqual({
      type: "status",
      generation: 1,
      prepared: undefined,
      guessesLeft: 10,
    });
  });

  test("takes the same again after a lost reply, and nothing else under a known id", () => {
    expect(subject.ask(registration)).toEqual({ type: "done" });
    expect(subject.ask(dealer.register(dealt))).toEqual(DENIED);
    subject.evaluate(dealer.element());
    expect(subject.ask(registration)).toEqual(DENIED);
    expect(left()).toBe(9);
  });

  test("is refused for an id that was destroyed", () => {
    subject.ask({ type: "wipe" });
    expect(subject.ask(registration)).toEqual(DENIED);
    expect(subject.known).toEqual({ type: "dead" });
  });

  test("is malformed without a share that can be evaluated under, or with too few entries", () => {
    const fresh = new Subject(repeatableRandom("fresh"));
    const wrong = { ...registration, share: new Uint8Array(32) } as GuardOperation;
    expect(fresh.ask(wrong)).toEqual(refusal("malformed"));
    expect(fresh.ask(dealer.register(dealt.slice(1)))).toEqual(refusal("malformed"));
    expect(fresh.known).toEqual({ type: "absent" });
  });
});

describe("an id that is unknown, and one that is destroyed,", () => {
  const anything: readonly GuardOperation[] = [
    { type: "status" },
    { type: "evaluate", generation: 1, blindedElement: new Uint8Array(32) },
    { type: "open", ticket: new Uint8Array(16) as Ticket, tag: new Uint8Array(32) as GuardTag },
    { type: "finalize", generation: 1 },
    { type: "wipe" },
    { type: "revoke", secret: new Uint8Array(32) },
  ];
  test.each(anything)("get one answer to $type", (operation) => {
    expect(new Subject(repeatableRandom("none")).ask(operation)).toEqual(DENIED);
    subject.ask({ type: "wipe" });
    expect(subject.ask(operation)).toEqual(DENIED);
  });
});

describe("evaluate", () => {
  test("counts before it answers, and says how many are left", () => {
    const answer = subject.ask({ type: "evaluate", generation: 1, blindedElement: dealer.element() });
    expect(answer).toMatchObject({ type: "evaluated", guessesLeft: 9 });
    expect(left()).toBe(9);
  });

  test("the same element within ten minutes is the same guess", () => {
    const element = dealer.element();
    const ticket = subject.evaluate(element);
    subject.evaluate(dealer.element());
    subject.now += 10 * MINUTE - 1;
    expect(subject.evaluate(element)).toEqual(ticket);
    expect(left()).toBe(8);
    subject.now += 1;
    expect(subject.evaluate(element)).not.toEqual(ticket);
    expect(left()).toBe(7);
  });

  test("the same element is another guess once the clock was set back", () => {
    const element = dealer.element();
    subject.evaluate(element);
    subject.now -= 1;
    subject.evaluate(element);
    expect(left()).toBe(8);
  });

  test("charges nothing for what is no element, and for a generation that is not there", () => {
    const ask = (generation: number, blindedElement: Uint8Array): GuardAnswer =>
      subject.ask({ type: "evaluate", generation, blindedElement });
    expect(ask(1, new Uint8Array(32))).toEqual(refusal("malformed"));
    expect(ask(1, new Uint8Array(32).fill(255))).toEqual(refusal("malformed"));
    expect(ask(2, dealer.element())).toEqual(refusal("generation"));
    expect(left()).toBe(10);
  });

  test("the eleventh guess destroys the record", () => {
    for (let guess = 0; guess < 10; guess += 1) subject.evaluate(dealer.element());
    const last: GuardOperation = { type: "evaluate", generation: 1, blindedElement: dealer.element() };
    expect(subject.ask(last)).toEqual(DENIED);
    expect(subject.known).toEqual({ type: "dead" });
  });
});

describe("open", () => {
  test("releases what the tag opens, and gives its own guess back", () => {
    expect(openWith(real)).toEqual(opened(secretOf(0)));
    expect(left()).toBe(10);
  });

  test("overwrites the pads of all others in the same step", () => {
    const before = subject.record.current.entries;
    expect(openWith(decoy)).toEqual(opened(secretOf(1)));
    const after = subject.record.current.entries;
    expect(after.map(({ pad }, at) => Buffer.compare(pad, before[at]?.pad ?? pad) === 0)).toEqual([
      false,
      true,
      false,
      false,
    ]);
    expect(openWith(real)).toEqual({ type: "closed" });
    expect(openWith(decoy)).toEqual(opened(secretOf(1)));
  });

  test("releases nothing against another tag, and keeps the guess", () => {
    const before = subject.record.current;
    expect(openWith(dealer.tag())).toEqual({ type: "closed" });
    expect(subject.record.current).toEqual(before);
    expect(left()).toBe(9);
  });

  test("is done once a ticket; the same tag again gets the same answer and changes nothing", () => {
    const ticket = subject.evaluate(dealer.element());
    const wrong = subject.evaluate(dealer.element());
    expect(subject.ask({ type: "open", ticket: wrong, tag: decoy.map((byte) => byte ^ 1) as GuardTag })).toEqual({
      type: "closed",
    });
    expect(subject.ask({ type: "open", ticket, tag: real })).toEqual(opened(secretOf(0)));
    const after = subject.record;
    expect(subject.ask({ type: "open", ticket, tag: real })).toEqual(opened(secretOf(0)));
    expect(subject.ask({ type: "open", ticket, tag: decoy })).toEqual(refusal("ticket"));
    expect(subject.ask({ type: "open", ticket: wrong, tag: real })).toEqual(refusal("ticket"));
    expect(subject.record).toEqual(after);
  });

  test("asked again after another tag was opened releases nothing any more", () => {
    const first = subject.evaluate(dealer.element());
    subject.ask({ type: "open", ticket: first, tag: real });
    const second = dealer.prepare(real, 1, 2, dealt, [{ position: 1, pad: dealt[1]?.entry.pad ?? dealer.bytes() }]);
    expect(subject.ask(second)).toEqual({ type: "done" });
    expect(openWith(decoy, 2)).toEqual(opened(secretOf(1)));
    expect(subject.ask({ type: "open", ticket: first, tag: real })).toEqual({ type: "closed" });
  });

  test("knows no ticket that it did not give, nor one of a generation that is gone", () => {
    const ticket = subject.evaluate(dealer.element());
    expect(subject.ask({ type: "open", ticket: dealer.bytes(16) as Ticket, tag: real })).toEqual(refusal("ticket"));
    subject.ask(dealer.prepare(real, 1, 2, dealer.entries(real)));
    subject.ask({ type: "finalize", generation: 2 });
    expect(subject.ask({ type: "open", ticket, tag: real })).toEqual(refusal("ticket"));
  });

  test("a wrong tag on the last guess destroys the record; the right one does not", () => {
    for (let guess = 0; guess < 9; guess += 1) openWith(dealer.tag());
    expect(openWith(real)).toEqual(opened(secretOf(0)));
    expect(left()).toBe(1);
    expect(openWith(dealer.tag())).toEqual({ type: "closed" });
    expect(subject.known).toEqual({ type: "dead" });
  });

  test("gives one guess back for each twelve hours, and never more than there were", () => {
    for (let guess = 0; guess < 6; guess += 1) subject.evaluate(dealer.element());
    subject.now += 24 * HOUR - 1;
    openWith(real);
    expect(left()).toBe(5);
    subject.now += 1;
    openWith(real);
    expect(left()).toBe(5);
    subject.now += 400 * HOUR;
    openWith(real);
    expect(left()).toBe(10);
  });

  test("gives nothing back for a clock that was set back, nor again when it has caught up", () => {
    for (let guess = 0; guess < 6; guess += 1) subject.evaluate(dealer.element());
    subject.now -= 1000 * HOUR;
    openWith(real);
    expect(left()).toBe(4);
    subject.now += 1000 * HOUR;
    openWith(real);
    expect(left()).toBe(4);
  });
});

describe("prepare and finalize", () => {
  test("put a new generation in the place of the old one, in two steps", () => {
    const fresh = dealer.entries(real);
    expect(subject.ask(dealer.prepare(real, 1, 2, fresh))).toEqual({ type: "done" });
    expect(subject.ask({ type: "status" })).toMatchObject({ generation: 1, prepared: 2 });
    expect(openWith(real, 1)).toEqual(opened(secretOf(0)));
    // The same tag opens both: it belongs to one vault.
    expect(openWith(real, 2)).toEqual(opened(fresh[0]?.secret));
    expect(subject.ask({ type: "finalize", generation: 2 })).toEqual({ type: "done" });
    expect(subject.ask({ type: "finalize", generation: 2 })).toEqual({ type: "done" });
    expect(subject.ask({ type: "status" })).toMatchObject({ generation: 2, prepared: undefined });
    expect(subject.ask({ type: "evaluate", generation: 1, blindedElement: dealer.element() })).toEqual(
      refusal("generation"),
    );
  });

  test("opening one generation overwrites what other tags open in the other one", () => {
    const fresh = dealer.entries(dealer.tag(), decoy);
    subject.ask(dealer.prepare(real, 1, 2, fresh));
    expect(openWith(real, 1)).toEqual(opened(secretOf(0)));
    expect(openWith(decoy, 2)).toEqual({ type: "closed" });
  });

  test("need the tag of an entry that can still be opened", () => {
    expect(subject.ask(dealer.prepare(dealer.tag(), 1, 2, dealt))).toEqual({ type: "closed" });
    expect(subject.record.guessesLeft).toBe(9);
    openWith(decoy);
    expect(subject.ask(dealer.prepare(real, 1, 2, dealt))).toEqual({ type: "closed" });
    expect(subject.record.prepared).toBeUndefined();
  });

  test("bring a guard that missed some generations along from its own", () => {
    expect(subject.ask(dealer.prepare(real, 1, 7, dealer.entries(real)))).toEqual({ type: "done" });
    expect(subject.ask({ type: "finalize", generation: 7 })).toEqual({ type: "done" });
    expect(openWith(real, 7).type).toBe("opened");
  });

  test("go on from a generation that was prepared and never finalized", () => {
    const second = dealer.entries(real);
    subject.ask(dealer.prepare(real, 1, 2, second));
    expect(subject.ask(dealer.prepare(real, 2, 3, dealer.entries(real)))).toEqual({ type: "done" });
    expect(subject.ask({ type: "status" })).toMatchObject({ generation: 2, prepared: 3 });
    expect(openWith(real, 2)).toEqual(opened(second[0]?.secret));
  });

  test("keep alive exactly the entries whose right pad is given", () => {
    const [, kept, lost] = dealt;
    if (kept === undefined || lost === undefined) throw new Error("four were dealt");
    openWith(real);
    const keepAlive = [
      { position: 1, pad: kept.entry.pad },
      { position: 2, pad: dealer.bytes() },
    ];
    expect(subject.ask(dealer.prepare(real, 1, 2, dealer.entries(real), keepAlive))).toEqual({ type: "done" });
    subject.ask({ type: "finalize", generation: 2 });
    expect(openWith(lost.tag, 2)).toEqual({ type: "closed" });
    expect(openWith(kept.tag, 2)).toEqual(opened(kept.secret));
  });

  test("are malformed when they go back, name a place twice or one that is not there, or bring a bad share", () => {
    const pad = dealer.bytes();
    const wrong: readonly GuardOperation[] = [
      dealer.prepare(real, 1, 1, dealt),
      dealer.prepare(real, 1, 0, dealt),
      dealer.prepare(real, 1, 2, dealt.slice(1)),
      dealer.prepare(real, 1, 2, dealt, [
        { position: 1, pad },
        { position: 1, pad },
      ]),
      dealer.prepare(real, 1, 2, dealt, [{ position: 4, pad }]),
      { ...dealer.prepare(real, 1, 2, dealt), share: new Uint8Array(32).fill(255) } as GuardOperation,
    ];
    for (const operation of wrong) expect(subject.ask(operation)).toEqual(refusal("malformed"));
    expect(subject.ask(dealer.prepare(real, 3, 4, dealt))).toEqual(refusal("generation"));
    expect(subject.ask({ type: "finalize", generation: 2 })).toEqual(refusal("generation"));
    expect(subject.record.prepared).toBeUndefined();
  });

  test("take the tickets of the generation that goes away with them", () => {
    subject.ask(dealer.prepare(real, 1, 2, dealer.entries(real)));
    const ticket = subject.evaluate(dealer.element(), 2);
    subject.ask(dealer.prepare(real, 1, 2, dealer.entries(real)));
    expect(subject.ask({ type: "open", ticket, tag: real })).toEqual(refusal("ticket"));
    expect(left()).toBe(9);
  });

  test("deal a new share if one is given", () => {
    const share = dealer.share();
    subject.ask({ ...dealer.prepare(real, 1, 2, dealer.entries(real)), share } as GuardOperation);
    expect(subject.record.prepared?.share).toEqual(share);
    const answer = subject.ask({ type: "evaluate", generation: 2, blindedElement: BASE });
    expect(answer).toMatchObject({ evaluatedElement: voprfShareKeyPair(share).publicKey });
  });
});

describe("wipe and revoke", () => {
  test("wipe destroys at once", () => {
    expect(subject.ask({ type: "wipe" })).toEqual({ type: "done" });
    expect(subject.known).toEqual({ type: "dead" });
  });

  test("revoke destroys with the secret whose hash was registered, and with no other", () => {
    const random = repeatableRandom("revoke");
    const other = new Subject(random);
    const secret = random.bytes(32);
    other.ask(new Dealer(random).register(new Dealer(random).entries(), secret));
    expect(other.ask({ type: "revoke", secret: sha256(secret) })).toEqual(DENIED);
    expect(other.known.type).toBe("alive");
    expect(other.ask({ type: "revoke", secret })).toEqual({ type: "done" });
    expect(other.known).toEqual({ type: "dead" });
  });
});
