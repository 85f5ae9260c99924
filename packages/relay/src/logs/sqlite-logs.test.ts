import { DatabaseSync } from "node:sqlite";
import { initCrypto } from "@stonechat/crypto/issuer";
import fc from "fast-check";
import { expect, test } from "vitest";
import { SCHEMA } from "../store/schema.ts";
import { bodyOf, entryId, hashOf, logId } from "../testing/service-fixture.ts";
import { SqliteExpiry } from "./sqlite-expiry.ts";
import { SqliteLogs } from "./sqlite-logs.ts";

await initCrypto();

const steps = fc.array(
  fc.oneof(
    fc.record({ type: fc.constant("append"), log: fc.nat(2), entry: fc.nat(20), expiresAt: fc.nat(100) }),
    fc.record({ type: fc.constant("create"), log: fc.nat(2) }),
    fc.record({ type: fc.constant("destroy"), log: fc.nat(2) }),
    fc.record({ type: fc.constant("expire"), now: fc.nat(100), max: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ type: fc.constant("stats") }),
  ),
  { maxLength: 40 },
);

test("the count that is kept is the one that counting gives, whatever happens and whatever is rolled back", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(steps, fc.boolean()), { maxLength: 8 }), (batches) => {
      const db = new DatabaseSync(":memory:");
      db.exec(SCHEMA);
      const logs = new SqliteLogs(db, { logQuotaBytes: 1e6, commitHeadroomBytes: 1e6 });
      const expiry = new SqliteExpiry(db, logs);
      for (const [batch, kept] of batches) {
        db.exec("BEGIN");
        for (const step of batch) run(logs, expiry, step);
        if (kept) logs.flush();
        else logs.forget();
        db.exec(kept ? "COMMIT" : "ROLLBACK");
        const counted = Number(db.prepare("SELECT count(*) AS n FROM entry").get()?.["n"]);
        expect(logs.stats().entries).toBe(counted);
      }
      db.close();
    }),
  );
});

type Step = typeof steps extends fc.Arbitrary<readonly (infer S)[]> ? S : never;

function run(logs: SqliteLogs, expiry: SqliteExpiry, step: Step): void {
  if ("now" in step) expiry.expire(step.now, step.max);
  else if ("entry" in step) {
    const { log, entry, expiresAt } = step;
    logs.append({ logId: logId(log), appendHash: hashOf("a"), entryId: entryId(entry), expiresAt, body: bodyOf(1) });
  } else if (!("log" in step)) logs.stats();
  else if (step.type === "destroy") logs.destroy({ logId: logId(step.log), ownerHash: hashOf("o") });
  else logs.create({ logId: logId(step.log), readHash: hashOf("r"), appendHash: hashOf("a"), ownerHash: hashOf("o") });
}
