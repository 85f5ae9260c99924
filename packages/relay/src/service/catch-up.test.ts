import { initCrypto } from "@stonechat/crypto/issuer";
import type { LogId, Seq } from "@stonechat/protocol";
import { createSeededFractions } from "@stonechat/testkit/seeded-fractions";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { AppendOutcome } from "../logs/log-store.ts";
import { MemoryLogStore } from "../logs/memory-log-store.ts";
import { MemoryPoolStore } from "../pools/memory-pool-store.ts";
import { MemoryWakeUps } from "../testing/memory-wake-ups.ts";
import { ask, DirectClient, entryId, settle } from "../testing/service-fixture.ts";
import { CatchUp, type ChangeSource } from "./catch-up.ts";
import { createRelayService } from "./relay-service.ts";
import type { WakeUps } from "./wake-ups.ts";

await initCrypto();

const RELAYS = 3;
const LOGS = 2;
const clock = { now: () => 1_800_000_000_000 };
const log = (): void => undefined;

interface Change {
  readonly logId: LogId;
  readonly next: Seq;
}

/** One store for all, whose answers arrive late and in any order. */
class SharedStore extends MemoryLogStore {
  readonly changes: Change[] = [];
  /** Answers that have not arrived. */
  readonly late: (() => void)[] = [];

  constructor() {
    super({ logQuotaBytes: 1_000_000, commitHeadroomBytes: 100_000 });
  }

  override async append(entry: Parameters<MemoryLogStore["append"]>[0]): Promise<AppendOutcome> {
    const outcome = await super.append(entry);
    if (outcome.type === "appended") this.changes.push({ logId: entry.logId, next: outcome.seq + 1 });
    return await this.#later(outcome);
  }

  override async read(what: Parameters<MemoryLogStore["read"]>[0]): ReturnType<MemoryLogStore["read"]> {
    return await this.#later(await super.read(what));
  }

  feed(): ChangeSource {
    let told = this.changes.length;
    return {
      since: () => {
        const logs = this.changes.slice(told);
        told = this.changes.length;
        return Promise.resolve({ logs, incomplete: false });
      },
    };
  }

  #later<T>(answer: T): Promise<T> {
    return new Promise((resolve) => {
      this.late.push(() => {
        resolve(answer);
      });
    });
  }
}

type Step =
  { readonly type: "append"; readonly relay: number; readonly log: number } | { readonly type: "pass" | "look" };
const steps = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant("append" as const), relay: fc.nat(RELAYS - 1), log: fc.nat(LOGS - 1) }),
  },
  { weight: 6, arbitrary: fc.constant({ type: "pass" as const }) },
  { weight: 1, arbitrary: fc.constant({ type: "look" as const }) },
) satisfies fc.Arbitrary<Step>;

function relayOver(store: SharedStore, wakeUps: WakeUps) {
  const catchUp = new CatchUp(wakeUps, store.feed(), log);
  const service = createRelayService({ store, pools: new MemoryPoolStore(), clock, log, wakeUps: catchUp });
  return { catchUp, client: new DirectClient(service) };
}

/** Lets some of what is ready happen. */
async function pass(store: SharedStore, wakeUps: MemoryWakeUps, fractions: () => number): Promise<void> {
  if (fractions() < 0.5) wakeUps.deliver();
  const [answer] = store.late.splice(Math.floor(fractions() * store.late.length), 1);
  answer?.();
  await settle();
}

/** Lets all of it happen. */
async function finish(store: SharedStore, wakeUps: MemoryWakeUps): Promise<void> {
  do {
    wakeUps.deliver();
    for (const answer of store.late.splice(0)) answer();
    await settle();
  } while (store.late.length > 0);
}

test("whatever becomes of wake-ups, every follower at every relay gets every entry once and in order", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(steps, { maxLength: 60 }),
      fc.integer(),
      fc.constantFrom(0, 0.3, 1),
      async (history, seed, lost) => {
        const fractions = createSeededFractions(seed);
        const store = new SharedStore();
        const wakeUps = new MemoryWakeUps(fractions, { lost, doubled: 0.3 });
        const relays = Array.from({ length: RELAYS }, () => relayOver(store, wakeUps.join()));
        const said: Promise<unknown>[] = [];
        for (const { client } of relays) said.push(client.ask({ type: "hello", minVersion: 1, maxVersion: 1 }));
        for (let n = 0; n < LOGS; n += 1) said.push(relays[0]?.client.ask(ask.create(n)) ?? Promise.resolve());
        await settle();
        for (const { client } of relays) for (let n = 0; n < LOGS; n += 1) said.push(client.ask(ask.subscribe(n)));
        const stored = new Array<number>(LOGS).fill(0);
        for (const [i, step] of history.entries()) {
          if (step.type === "append") {
            stored[step.log] = (stored[step.log] ?? 0) + 1;
            said.push(relays[step.relay]?.client.ask(ask.append(step.log, i)) ?? Promise.resolve());
          } else if (step.type === "look") for (const { catchUp } of relays) await catchUp.look();
          else await pass(store, wakeUps, fractions);
        }
        await finish(store, wakeUps);
        await Promise.all(said);
        for (const { catchUp } of relays) await catchUp.look();
        await finish(store, wakeUps);
        for (const { client } of relays) {
          for (const [n, count] of stored.entries()) {
            const pages = client.pushed.filter((page) => page.logId[0] === n);
            expect(pages.flatMap(({ entries }) => entries.map(({ seq }) => seq))).toEqual([...new Array(count).keys()]);
          }
        }
      },
    ),
    { numRuns: 150 },
  );
});

test("what was missed is asked of the store, and only what changed is read", async () => {
  const store = new SharedStore();
  const wakeUps = new MemoryWakeUps(() => 0, { lost: 1, doubled: 0 });
  const [writer, reader] = [relayOver(store, wakeUps.join()), relayOver(store, wakeUps.join())];
  const say = async (relay: typeof writer, request: Parameters<DirectClient["ask"]>[0]): Promise<void> => {
    const answer = relay.client.ask(request);
    await finish(store, wakeUps);
    await answer;
  };
  for (const relay of [writer, reader]) await say(relay, { type: "hello", minVersion: 1, maxVersion: 1 });
  for (const n of [0, 1]) {
    await say(writer, ask.create(n));
    await say(reader, ask.subscribe(n));
  }
  await say(writer, ask.append(0, 7));
  expect(reader.client.pushed).toEqual([]);
  await reader.catchUp.look();
  expect(store.late).toHaveLength(1);
  await finish(store, wakeUps);
  expect(reader.client.pushed.flatMap(({ entries }) => entries.map((entry) => entry.entryId))).toEqual([entryId(7)]);
});
