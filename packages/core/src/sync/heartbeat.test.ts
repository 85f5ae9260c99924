import { fc, test } from "@fast-check/vitest";
import { ManualClock } from "@stonechat/testkit/manual-clock";
import { expect } from "vitest";
import { after, parseInstant } from "../ports/clock.ts";
import { Heartbeat } from "./heartbeat.ts";

/** A heartbeat over a relay that answers `answerMs` after it was asked; undefined: never. */
function setUp(lot = 0): {
  readonly heartbeat: Heartbeat;
  readonly clock: ManualClock;
  readonly relay: { answerMs: number | undefined; behind: boolean; asked: number; silences: number };
} {
  const clock = new ManualClock();
  const relay: ReturnType<typeof setUp>["relay"] = { answerMs: 100, behind: false, asked: 0, silences: 0 };
  const random = { bytes: (length: number) => new Uint8Array(length).fill(lot) };
  const heartbeat = new Heartbeat(
    { clock, random },
    {
      ask: () => {
        relay.asked += 1;
        if (relay.answerMs === undefined) return;
        clock.setTimer(relay.answerMs, () => {
          heartbeat.heard();
        });
      },
      isBehind: () => relay.behind,
      onSilence: () => {
        relay.silences += 1;
      },
    },
  );
  heartbeat.start();
  return { heartbeat, clock, relay };
}

test.prop([fc.nat({ max: 255 }), fc.integer({ min: 0, max: 9_999 })])(
  "a relay that answers in time is asked about twice a minute, and kept",
  (lot, answerMs) => {
    const { clock, relay } = setUp(lot);
    relay.answerMs = answerMs;
    clock.advance(10 * 60_000);
    expect(relay.silences).toBe(0);
    expect(relay.asked).toBeGreaterThanOrEqual(13);
    expect(relay.asked).toBeLessThanOrEqual(25);
  },
);

test.prop([fc.array(fc.record({ waitMs: fc.nat({ max: 20_000 }), hurry: fc.boolean() }), { maxLength: 20 })])(
  "no history of words and hints makes a living relay silent, nor a dead one look alive for more than 46 s",
  (history) => {
    const { heartbeat, clock, relay } = setUp(128);
    for (const { waitMs, hurry } of history) {
      clock.advance(waitMs);
      if (hurry) heartbeat.hurry();
      else heartbeat.heard();
    }
    expect(relay.silences).toBe(0);
    clock.advance(100);
    relay.answerMs = undefined;
    clock.advance(46_000);
    expect(relay.silences).toBe(1);
  },
);

test("after silence nothing goes on before the next start", () => {
  const { heartbeat, clock, relay } = setUp();
  relay.answerMs = undefined;
  clock.advance(60_000);
  const { asked } = relay;
  expect(relay.silences).toBe(1);
  heartbeat.hurry();
  clock.advance(60_000);
  expect(relay).toMatchObject({ asked, silences: 1 });
  expect(clock.pending).toBe(0);
});

test("who slept asks as soon as it wakes, and does not hold the time asleep against the relay", () => {
  const { clock, relay } = setUp();
  const sleep = (): void => {
    // Time passes and no timer runs; what was due runs late.
    const now = clock.now.bind(clock);
    clock.now = () => after(parseInstant(now()), 3_600_000);
  };
  clock.advance(1_000);
  sleep();
  clock.advance(7_000);
  expect(relay.asked).toBe(1);
  relay.answerMs = undefined;
  clock.advance(100 + 24_000);
  expect(relay.asked).toBe(2);
  sleep();
  clock.advance(10_000);
  expect(relay).toMatchObject({ asked: 3, silences: 0 });
  clock.advance(10_000);
  expect(relay.silences).toBe(1);
});

test("while a page is awaited patience doubles up to 160 s, and is short again for who keeps up", () => {
  const { heartbeat, clock, relay } = setUp();
  const secondsToSilence = (): number => {
    const before = relay.silences;
    let seconds = 0;
    for (; relay.silences === before; seconds += 1) clock.advance(1_000);
    heartbeat.start();
    return seconds;
  };
  relay.answerMs = undefined;
  relay.behind = true;
  expect([1, 2, 3, 4, 5, 6].map(() => secondsToSilence())).toEqual([34, 44, 64, 104, 184, 184]);
  relay.answerMs = 50_000;
  clock.advance(90_000);
  expect(relay.silences).toBe(6);
  relay.behind = false;
  relay.answerMs = 100;
  clock.advance(120_000);
  relay.answerMs = undefined;
  relay.behind = true;
  heartbeat.start();
  expect(secondsToSilence()).toBe(34);
});
