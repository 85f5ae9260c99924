import { parentPort, workerData } from "node:worker_threads";
import { isDiskFull } from "../store/sqlite-errors.ts";
import type { StateChange } from "./segment-state.ts";
import { StateDatabase } from "./state-database.ts";

/** To the thread: something to save, or the wish to stop. Each is answered, in order. */
export type StateThreadRequest = { readonly type: "save"; readonly change: StateChange } | { readonly type: "close" };

/** What became of it. `full`: nothing was saved, for want of room. */
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
    if (request.type === "close") database.close();
    else database.save(request.change);
    return { type: "done" };
  } catch (error) {
    if (isDiskFull(error)) return { type: "full" };
    const { name, message } = error instanceof Error ? error : new Error("unknown");
    return { type: "failed", name, message };
  }
}
