import type { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import { eraseJournal, openDatabase } from "./database.ts";

/** One thing to do with the row of an id. `destroy` keeps the row without a body. */
export type RowOperation =
  | { readonly type: "read"; readonly id: Uint8Array }
  | { readonly type: "write"; readonly id: Uint8Array; readonly body: Uint8Array }
  | { readonly type: "destroy"; readonly id: Uint8Array };

/** Of a read: the body, or why there is none. Of a change: whether it is durable. */
export type RowOutcome = Uint8Array | "absent" | "dead" | "durable" | "full";

/** What the thread is started with. */
export interface StoreThreadData {
  readonly path: string;
}

export type StoreThreadMessage =
  | { readonly type: "open"; readonly records: number }
  | { readonly type: "outcomes"; readonly outcomes: readonly RowOutcome[] }
  | { readonly type: "failed"; readonly name: string; readonly message: string }
  | { readonly type: "closed" };

export type StoreThreadRequest =
  { readonly type: "operations"; readonly operations: readonly RowOperation[] } | { readonly type: "close" };

/** Result codes of SQLite (sqlite.org/rescode.html) that mean: no room now, nothing is broken. */
const NO_ROOM: ReadonlySet<unknown> = new Set([13, 778]);

const port = parentPort;
if (port === null) throw new RangeError("store-thread runs as a worker only");
const say = (message: StoreThreadMessage): void => {
  port.postMessage(message);
};

try {
  run(workerData as StoreThreadData); // set by SqliteGuardStore.open, which this file belongs to
} catch (error) {
  fail(error);
}

function run({ path }: StoreThreadData): void {
  const db = openDatabase(path);
  const apply = createRows(db);
  port?.on("message", (request: StoreThreadRequest) => {
    try {
      if (request.type === "close") {
        db.close();
        say({ type: "closed" });
        port.close();
        return;
      }
      const outcomes = transact(db, request.operations, apply);
      if (request.operations.some(({ type }) => type !== "read")) eraseJournal(path);
      say({ type: "outcomes", outcomes });
    } catch (error) {
      fail(error);
    }
  });
  const records = Number(db.prepare("SELECT count(*) AS n FROM record WHERE body IS NOT NULL").get()?.["n"]);
  say({ type: "open", records });
}

function fail(error: unknown): void {
  const { name, message } = error instanceof Error ? error : new Error("unknown");
  say({ type: "failed", name, message });
  port?.close();
}

/** All operations in one transaction and one sync. Without room for it nothing is changed, and all changes say so. */
function transact(
  db: DatabaseSync,
  operations: readonly RowOperation[],
  apply: (operation: RowOperation) => RowOutcome,
): readonly RowOutcome[] {
  try {
    db.exec("BEGIN IMMEDIATE");
    const outcomes = operations.map(apply);
    db.exec("COMMIT");
    return outcomes;
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    if (!(error instanceof Error && "errcode" in error && NO_ROOM.has(error.errcode))) throw error;
    return operations.map((operation) => (operation.type === "read" ? apply(operation) : "full"));
  }
}

function createRows(db: DatabaseSync): (operation: RowOperation) => RowOutcome {
  const read = db.prepare("SELECT body FROM record WHERE id = ?");
  const write = db.prepare(
    "INSERT INTO record (id, body) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body",
  );
  return (operation) => {
    switch (operation.type) {
      case "read": {
        const body = read.get(operation.id)?.["body"];
        if (body === undefined) return "absent";
        return body instanceof Uint8Array ? body : "dead";
      }
      case "write":
        write.run(operation.id, operation.body);
        return "durable";
      case "destroy":
        write.run(operation.id, null);
        return "durable";
    }
  };
}
