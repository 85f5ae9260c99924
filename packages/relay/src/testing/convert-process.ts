/** Converts a data folder and is killed on the way. `argv`: data folder, kind, after how many steps (0: never). */
import { flushCompileCache } from "node:module";
import { convertStore } from "../operating/convert/convert-store.ts";
import type { EmbeddedKind } from "../store/open-embedded-store.ts";

const [, , data = "", to = "", deadly = "0"] = process.argv;
flushCompileCache(); // one that is killed would leave nothing for the next
let left = Number(deadly);
await convertStore(data, to as EmbeddedKind, () => {
  left -= 1;
  if (left === 0) process.kill(process.pid, "SIGKILL");
});
