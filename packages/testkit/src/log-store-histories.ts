import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { EntryId, LogId, TokenHash } from "@stonechat/protocol";
import type { LogStore } from "@stonechat/relay";

/** Few of everything, so that random histories meet the same log, epoch and entry again and again. */
const LOGS = 3;
const EPOCHS = 4;
const ENTRIES = 8;
const HISTORIES = 60;
const TIMEOUT_MS = 60_000;
const MAX_STEPS = 40;

type Step =
  | { readonly type: "create"; readonly log: number }
  | {
      readonly type: "append" | "commit";
      readonly log: number;
      readonly epoch: number;
      readonly entry: number;
      readonly ttl: number;
    }
  | {
      readonly type: "read";
      readonly log: number;
      readonly epoch: number;
      readonly from: number;
      readonly limit: number;
    }
  | { readonly type: "expire" }
  | { readonly type: "wait"; readonly ms: number };

const number = (max: number): fc.Arbitrary<number> => fc.integer({ min: 0, max: max - 1 });
const added = { log: number(LOGS), epoch: number(EPOCHS), entry: number(ENTRIES), ttl: number(6) };
const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ type: fc.constant("create" as const), log: number(LOGS) }) },
  { weight: 6, arbitrary: fc.record({ type: fc.constant("append" as const), ...added }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("commit" as const), ...added }) },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant("read" as const),
      log: number(LOGS),
      epoch: number(EPOCHS),
      from: number(10),
      limit: number(5),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ type: "expire" as const }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("wait" as const), ms: number(4) }) },
);

interface ModelEntry {
  seq: number;
  epoch: number;
  entry: number;
  commit: boolean;
  expiresAt: number;
  erased: boolean;
}
/** The obviously right store: a log is the list of everything ever stored, and each question looks at all of it. */
type ModelLog = ModelEntry[];

/**
 * Random histories against a model. Runs as part of the contract. All histories share a store, so this is no property of
 * its own, but it searches as those do: from their seed, and longer by the environment's effort.
 */
export function describeLogStoreHistories(begin: () => Promise<LogStore>): void {
  const effort = Number(process.env["STONECHAT_EFFORT"] ?? "") || 1;
  const { seed } = fc.readConfigureGlobal();
  test(
    `agrees with the model over random histories (with seed=${String(seed)})`,
    async () => {
      const store = await begin();
      let run = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(steps, { maxLength: MAX_STEPS }), async (history) => {
          run += 1;
          await follow(store, history, run);
        }),
        { numRuns: HISTORIES * effort },
      );
    },
    TIMEOUT_MS * effort,
  );
}

async function follow(store: LogStore, history: readonly Step[], run: number): Promise<void> {
  const world = { logs: new Map<number, ModelLog>(), now: 1_000_000 * run };
  for (const step of history) {
    switch (step.type) {
      case "wait":
        world.now += step.ms;
        break;
      case "expire": {
        // Other histories live in the same store: only that ours are gone is compared, by what is read.
        while ((await store.expire(world.now, 7)).more);
        for (const log of world.logs.values()) for (const e of log) if (e.expiresAt <= world.now) e.erased = true;
        break;
      }
      case "create": {
        const outcome = await store.create({
          logId: logId(run, step.log),
          readHash: hash(run, "read", 0),
          appendHash: hash(run, "append", 0),
          ownerHash: undefined,
        });
        expect(outcome.type).toBe(world.logs.has(step.log) ? "exists" : "created");
        if (!world.logs.has(step.log)) world.logs.set(step.log, []);
        break;
      }
      case "append":
      case "commit": {
        const { log, epoch, entry, ttl } = step;
        const what = {
          logId: logId(run, log),
          appendHash: hash(run, "append", epoch),
          entryId: new Uint8Array(16).fill(entry) as EntryId,
          expiresAt: world.now + ttl,
          body: Uint8Array.of(entry),
        };
        const outcome =
          step.type === "append"
            ? await store.append(what)
            : await store.commit({
                ...what,
                nextReadHash: hash(run, "read", epoch + 1),
                nextAppendHash: hash(run, "append", epoch + 1),
              });
        expect(outcome).toEqual(modelAdd(world.logs.get(log), step, world.now));
        break;
      }
      case "read": {
        const outcome = await store.read({
          logId: logId(run, step.log),
          readHash: hash(run, "read", step.epoch),
          from: step.from,
          limit: step.limit,
          maxBytes: 1000,
          now: world.now,
        });
        expect(outcome).toMatchObject(modelRead(world.logs.get(step.log), step, world.now));
      }
    }
  }
}

function modelAdd(log: ModelLog | undefined, step: Step & { type: "append" | "commit" }, now: number): unknown {
  const open = log?.filter(({ commit }) => commit).length ?? -1;
  if (log === undefined || step.epoch > open) return { type: "unknown" };
  const before = log.find((e) => e.entry === step.entry && !e.erased);
  if (before !== undefined && (step.epoch === open || before.epoch === step.epoch)) {
    return { type: "appended", seq: before.seq, epoch: before.epoch, duplicate: true };
  }
  if (step.epoch < open) return { type: "stale-epoch" };
  const seq = log.length;
  log.push({
    seq,
    epoch: open,
    entry: step.entry,
    commit: step.type === "commit",
    expiresAt: now + step.ttl,
    erased: false,
  });
  return { type: "appended", seq, epoch: open, duplicate: false };
}

function modelRead(log: ModelLog | undefined, step: Step & { type: "read" }, now: number): object {
  const open = log?.filter(({ commit }) => commit).length ?? -1;
  if (log === undefined || step.epoch > open) return { type: "unknown" };
  const closing = log.find(({ epoch, commit }) => epoch === step.epoch && commit);
  const alive = log.filter(({ expiresAt }) => expiresAt > now);
  const end = closing === undefined ? log.length : closing.seq + 1;
  if (closing !== undefined && step.from < end && closing.expiresAt <= now) {
    return { type: "expired-before", seq: alive[0]?.seq ?? log.length };
  }
  const first = (log.findLast(({ epoch, commit }) => epoch === step.epoch - 1 && commit)?.seq ?? -1) + 1;
  const from = Math.max(step.from, first);
  const readable = alive.filter(({ epoch, seq }) => epoch === step.epoch && seq >= from);
  const page = readable.slice(0, step.limit);
  const next = step.limit === 0 ? from : (readable[page.length]?.seq ?? Math.max(from, end));
  return {
    type: "page",
    next,
    end,
    epoch: step.epoch,
    endOfEpoch: closing !== undefined && next >= end,
    entries: page.map(({ seq, commit, entry }) => ({
      seq,
      kind: commit ? "commit" : "message",
      body: Uint8Array.of(entry),
    })),
  };
}

function logId(run: number, log: number): LogId {
  return digest(`log ${String(run)} ${String(log)}`) as LogId;
}

function hash(run: number, kind: string, epoch: number): TokenHash {
  return digest(`${kind} ${String(run)} ${String(epoch)}`) as TokenHash;
}

function digest(text: string): Uint8Array {
  return new Uint8Array(createHash("sha256").update(text).digest());
}
