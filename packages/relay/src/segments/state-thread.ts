import { parentPort, workerData } from "node:worker_threads";
import { isDiskFull } from "../store/sqlite-errors.ts";
import type { LogState } from "./segment-log.ts";
import { StateDatabase, type StateRest } from "./state-database.ts";

/** To the thread: a saving in parts, the first of which begins it, or the wish to stop. Each is answered, in order. */
export type StateThreadRequest =
  | { readonly type: "logs"; readonly logs: readonly LogState[]; readonly first: boolean }
  | { readonly type: "commit"; readonly rest: StateRest }
  | { readonly type: "close" };

/** What became of it. `full`: nothing of the saving counts, for want of room. */
export type StateThreadAnswer =
  | { readonly type: "done" }
  | { readonly type: "full" }
  | { readonly type: "failed"; readonly name: string; readonly message: string };

const port = parentPort;
if (port === null) throw new RangeError("state-thread runs as a worker only");
const { path } = workerData as { readonly path: string }; // set by SqliteSegmentState, which this file belongs to
const database = new StateDatabase(path);

port.on("message", (request: StateThreadRequest) => {
  port.postMessage(answer(request));
  if (request.type === "close") port.close();
});

function answer(request: StateThreadRequest): StateThreadAnswer {
  try {
    perform(request);
    return { type: "done" };
  } catch (error) {
    if (request.type !== "close") database.rollBack();
    if (isDiskFull(error)) return { type: "full" };
    const { name, message } = error instanceof Error ? error : new Error("unknown");
    return { type: "failed", name, message };
  }
}

function perform(request: StateThreadRequest): void {
  switch (request.type) {
    case "logs":
      if (request.first) database.begin();
      database.saveLogs(request.logs);
      break;
    case "commit":
      database.commit(request.rest);
      break;
    case "close":
      database.close();
      break;
  }
}
