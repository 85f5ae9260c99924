import type { Command } from "../arguments/command.ts";
import { EXIT, UsageFailure } from "../failure.ts";
import { DATA_OPTION, relayData } from "./relay-data.ts";
import { explainFolders } from "./relay-folders.ts";

const KINDS = ["segments", "sqlite"] as const;

/** `stonechat relay convert`: moves the entries of a stopped relay from one of its own stores to the other. */
export const relayConvert: Command = {
  name: "relay convert",
  summary: "Keep a stopped relay's messages in segments, or in SQLite",
  positionals: ["STORE"],
  options: DATA_OPTION,
  notes: [
    "STORE is segments or sqlite. The disk must have room for both for a while.",
    "Cut off, it is run again: until it has finished no relay starts there, and nothing is lost.",
  ],
  async run(context) {
    const { args, out } = context;
    const store = KINDS.find((kind) => kind === args.positional(0));
    if (store === undefined) throw new UsageFailure("STORE is segments or sqlite.");
    const data = await relayData(context);
    const report = await explainFolders(async ({ convertStore }) => await convertStore(data, store));
    await out.result({ type: "relay-converted", store, ...report }, () =>
      report.already
        ? [`Messages are kept in ${store} already.`]
        : [
            `Messages are kept in ${store} now: ${String(report.entries)} entries in ${String(report.logs)} logs.`,
            ...(report.damaged === 0
              ? []
              : [`${String(report.damaged)} were damaged on the disk and could not be moved.`]),
          ],
    );
    return EXIT.done;
  },
};
