import { initCrypto } from "@stonechat/crypto";
import type { Change, Decision, GuardRecord, GuardStore, Known } from "@stonechat/guard";
import type { DeviceKey, RecordId } from "@stonechat/protocol";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";

const id = (n: number): RecordId => new Uint8Array(16).fill(n) as RecordId;

/** Some record; `mark` fills whatever bytes it has. */
export function guardRecordOf(mark: number, guessesLeft = 10): GuardRecord {
  const bytes = (): Uint8Array => new Uint8Array(32).fill(mark);
  const entry = { tagHash: bytes(), material: bytes(), pad: bytes() };
  return {
    authKey: bytes() as DeviceKey,
    revokeHash: bytes(),
    current: { number: 1, share: bytes(), entries: [entry, entry, entry, entry] },
    prepared: undefined,
    guessesLeft,
    refilledAt: 1_800_000_000_000,
    guesses: [],
  };
}

const look = (known: Known): Decision<Known> => ({ change: { type: "none" }, answer: known });
const becoming =
  (change: Change) =>
  (known: Known): Decision<Known> => ({ change, answer: known });

/** What every {@link GuardStore} must do. `open` gives an empty one. */
export function describeGuardStore(name: string, open: () => Promise<GuardStore>): void {
  beforeAll(initCrypto);
  const opened = async (): Promise<GuardStore> => {
    const store = await open();
    onTestFinished(() => store.close());
    return store;
  };

  describe(`${name}: guard store`, () => {
    test("gives a record back as it was put", async () => {
      const store = await opened();
      expect(await store.update(id(1), look)).toEqual({ type: "absent" });
      await store.update(id(1), becoming({ type: "put", record: guardRecordOf(7) }));
      expect(await store.update(id(1), look)).toEqual({ type: "alive", record: guardRecordOf(7) });
      expect(await store.update(id(2), look)).toEqual({ type: "absent" });
    });

    test("knows a destroyed id for ever, and nothing else of it", async () => {
      const store = await opened();
      await store.update(id(1), becoming({ type: "put", record: guardRecordOf(7) }));
      await store.update(id(1), becoming({ type: "destroy" }));
      expect(await store.update(id(1), look)).toEqual({ type: "dead" });
    });

    test("does what comes at once to one record in a row, each on what the one before left", async () => {
      const store = await opened();
      await store.update(id(1), becoming({ type: "put", record: guardRecordOf(7, 200) }));
      const seen = await Promise.all(
        Array.from({ length: 100 }, () =>
          store.update(id(1), (known) => {
            if (known.type !== "alive") throw new RangeError("is there");
            const { guessesLeft } = known.record;
            return { change: { type: "put", record: guardRecordOf(7, guessesLeft - 1) }, answer: guessesLeft };
          }),
        ),
      );
      expect(seen).toEqual(Array.from({ length: 100 }, (_, at) => 200 - at));
    });

    test("many records at once do not touch each other", async () => {
      const store = await opened();
      const numbers = Array.from({ length: 200 }, (_, at) => at);
      await Promise.all(
        numbers.map((n) => store.update(id(n), becoming({ type: "put", record: guardRecordOf(n % 256) }))),
      );
      const found = await Promise.all(numbers.map((n) => store.update(id(n), look)));
      expect(found).toEqual(numbers.map((n) => ({ type: "alive", record: guardRecordOf(n % 256) })));
    });

    test("a decision that throws changes nothing and fails alone", async () => {
      const store = await opened();
      const failing = store.update(id(1), () => {
        throw new RangeError("no decision");
      });
      const next = store.update(id(1), becoming({ type: "put", record: guardRecordOf(3) }));
      await expect(failing).rejects.toThrow("no decision");
      expect(await next).toEqual({ type: "absent" });
      expect(await store.update(id(1), look)).toEqual({ type: "alive", record: guardRecordOf(3) });
    });

    test("counts the records that are alive", async () => {
      const store = await opened();
      for (const n of [1, 2, 3]) await store.update(id(n), becoming({ type: "put", record: guardRecordOf(n) }));
      await store.update(id(3), becoming({ type: "put", record: guardRecordOf(9) }));
      await store.update(id(1), becoming({ type: "destroy" }));
      await store.update(id(1), look);
      expect(store.records).toBe(2);
    });

    test("keeps no hold on what it was given or gave", async () => {
      const store = await opened();
      const record = guardRecordOf(5);
      await store.update(id(1), becoming({ type: "put", record }));
      record.revokeHash.fill(0);
      const found = await store.update(id(1), look);
      if (found.type === "alive") found.record.revokeHash.fill(1);
      expect(await store.update(id(1), look)).toEqual({ type: "alive", record: guardRecordOf(5) });
    });
  });
}
