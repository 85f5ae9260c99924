import { resolve } from "node:path";
import type { Command } from "../arguments/command.ts";
import { EXIT } from "../failure.ts";
import { byteCount, isoTime } from "../output/time.ts";
import { askIfRunning } from "./relay-asked.ts";
import { DATA_OPTION, namedRelayData, relayData } from "./relay-data.ts";
import { explainFolders } from "./relay-folders.ts";

const DEFAULT_KEEP = 7;
const MAX_KEEP = 1000;

/** `stonechat relay backup`: a copy of all that a relay keeps, while it runs or not. */
export const relayBackup: Command = {
  name: "relay backup",
  summary: "Back up a relay of this machine, while it runs or not",
  positionals: ["FOLDER"],
  options: {
    ...DATA_OPTION,
    keep: { kind: "text", value: "N", help: `backups to keep in FOLDER, older ones go (${String(DEFAULT_KEEP)})` },
  },
  notes: ["Each backup is whole, in a folder of its own inside FOLDER; what did not change takes no room again."],
  async run(context) {
    const { args, host, out } = context;
    const folder = resolve(host.cwd, args.positional(0));
    const keep = args.count("keep", MAX_KEEP) ?? DEFAULT_KEEP;
    const data = await relayData(context);
    const answer = await askIfRunning(data, "backup", { ask: "backup", folder, keep });
    const backup =
      answer?.backup ??
      (await explainFolders(async ({ backupStopped }) => await backupStopped(data, folder, keep, host.now())));
    await out.result({ type: "relay-backup", ...backup, takenAt: isoTime(backup.takenAt) }, () => [
      `The backup is in ${backup.folder}.`,
      `${String(backup.files)} files, ${byteCount(backup.bytes)}, of which ${byteCount(backup.linkedBytes)} were there already; ` +
        `${(backup.tookMs / 1000).toFixed(1)} s.`,
    ]);
    return EXIT.done;
  },
};

/** `stonechat relay restore`: a backup becomes the data folder of a relay to be started. */
export const relayRestore: Command = {
  name: "relay restore",
  summary: "Put a relay's backup into a new data folder",
  positionals: ["BACKUP"],
  options: DATA_OPTION,
  notes: [
    "BACKUP is one backup, or the folder of them: then the newest is taken. The data folder must be new or empty.",
    "What was acknowledged after the backup is lost, and people's devices will say so: see docs/OPERATING.md.",
  ],
  async run(context) {
    const { args, host, out } = context;
    const from = resolve(host.cwd, args.positional(0));
    const data = namedRelayData(context);
    const report = await explainFolders(async ({ restoreBackup }) => await restoreBackup(from, data));
    await out.result({ type: "relay-restored", ...report, takenAt: isoTime(report.takenAt) }, () => [
      `Restored what the relay kept at ${isoTime(report.takenAt)}: ${String(report.files)} files, ${byteCount(report.bytes)}.`,
      "Start the relay on it now.",
    ]);
    return EXIT.done;
  },
};
