import { createSeededFractions } from "@stonechat/testkit/seeded-fractions";
import { demandOf } from "./demand.ts";
import type { Profile } from "./profile.ts";
import { poisson, secondsMood } from "./simulation/arrivals.ts";
import { simulate, type Outcome } from "./simulation/simulate.ts";
import type { System } from "./simulation/system.ts";

const TICK_SECONDS = 0.01;
const TICKS_A_SECOND = 100;
/** Seconds: the system fills, an ordinary stretch of the busy hour, an event, and the time after it. */
const COURSE = { fill: 10, busy: 60, event: 60, after: 30 };
const SEED = 1;
const MAX_P99_SECONDS = 1;
const MAX_BACKLOG_SECONDS = 1;
const FEWEST_PEOPLE = 100;
const MOST_PEOPLE = 2_000_000_000;
/** A search ends when it knows the answer this well. */
const PRECISION = 1.03;

/** Where a system stops keeping up, and which of its parts does. */
export interface Breaking {
  readonly people: number;
  readonly part: string;
}

/** Minutes of the busy hour with an event in them, for a system built for `people`. The same seed gives the same run. */
export function busyMinutes(people: number, system: System, profile: Profile, seed = SEED): Outcome {
  const { entriesPerSecond } = demandOf(people, profile);
  const random = createSeededFractions(seed);
  const { fill, busy, event, after } = COURSE;
  let mood = 1;
  const arrive = (route: string, tick: number): number => {
    if (route !== "entries") return 0;
    if (tick % TICKS_A_SECOND === 0) mood = secondsMood(profile.busiestSecond, random);
    const second = tick / TICKS_A_SECOND - fill - busy;
    const rate = entriesPerSecond * mood * (second >= 0 && second < event ? profile.newsEvent : 1);
    return poisson(rate * TICK_SECONDS, random);
  };
  const ticks = (fill + busy + event + after) * TICKS_A_SECOND;
  return simulate(system, { tickSeconds: TICK_SECONDS, ticks, countFrom: fill * TICKS_A_SECOND, arrive });
}

/** Whether everybody was served within a second, all but one of a hundred, and nothing waits at the end. */
export function keepsUp({ acknowledged, ended, parts }: Outcome): boolean {
  const times = [acknowledged.get("entries"), ended.get("entries")];
  const prompt = times.every((each) => each !== undefined && each.p99 <= MAX_P99_SECONDS);
  return prompt && parts.every(({ backlogSeconds, kind }) => kind !== "work" || backlogSeconds < MAX_BACKLOG_SECONDS);
}

/** The part that has most to do of what it can. */
export function tightest({ parts }: Outcome): string {
  return parts.toSorted((a, b) => b.use - a.use)[0]?.name ?? "nothing";
}

/** Raises the population until the system for it no longer keeps up. */
export function breakingPoint(build: (people: number) => System, profile: Profile): Breaking {
  let [good, bad] = [FEWEST_PEOPLE, MOST_PEOPLE];
  let part = "nothing";
  while (bad / good > PRECISION) {
    const people = Math.round(Math.sqrt(good * bad));
    const outcome = busyMinutes(people, build(people), profile);
    if (keepsUp(outcome)) good = people;
    else {
      bad = people;
      part = tightest(outcome);
    }
  }
  return { people: good, part };
}

/** How long it takes until `connections` that were lost at one moment are all served again, in the busy hour. Seconds. */
export function comeBack(people: number, connections: number, system: System, profile: Profile): number {
  const { entriesPerSecond } = demandOf(people, profile);
  const random = createSeededFractions(SEED);
  const backTicks = Math.max(1, Math.round(profile.comeBackSeconds * TICKS_A_SECOND));
  const lostAt = COURSE.fill * TICKS_A_SECOND;
  const arrive = (route: string, tick: number): number => {
    if (route === "entries") return poisson(entriesPerSecond * TICK_SECONDS, random);
    return tick >= lostAt && tick < lostAt + backTicks ? connections / backTicks : 0;
  };
  const ticks = (COURSE.fill + MOST_WAIT_SECONDS) * TICKS_A_SECOND;
  const { ended } = simulate(system, { tickSeconds: TICK_SECONDS, ticks, countFrom: lostAt, arrive });
  const back = ended.get("returns");
  if (back === undefined || back.items < 0.999 * connections) return Infinity;
  return back.p100 + profile.comeBackSeconds;
}

const MOST_WAIT_SECONDS = 120;
