import type { RelayStatus } from "@stonechat/relay/operating";
import type { Command, CommandContext } from "../arguments/command.ts";
import { EXIT, UsageFailure, type ExitCode } from "../failure.ts";
import { faint, type Line } from "../output/output.ts";
import { byteCount, isoTime, localTime, spanText } from "../output/time.ts";
import { askRunningRelay } from "./relay-asked.ts";
import { DATA_OPTION, relayData } from "./relay-data.ts";
import { askHealth } from "./relay-health.ts";

/** `stonechat relay status`: whether a relay answers; of one on this machine, how it fares. */
export const relayStatus: Command = {
  name: "relay status",
  summary: "Ask a relay whether it is well",
  positionals: ["URL?"],
  options: DATA_OPTION,
  notes: [
    "With --data DIR the relay that runs on that folder tells how it fares.",
    "Else the one at URL, or that of this profile's account, is asked whether it is well.",
  ],
  async run(context) {
    const { args, host, out, profile } = context;
    const given = args.positionals[0];
    if (args.text("data") !== undefined) {
      if (given !== undefined) throw new UsageFailure("URL and --data exclude each other.");
      return await showStatus(context);
    }
    if (given !== undefined && !/^https?:\/\//.test(given))
      throw new UsageFailure("URL is an address like https://chat.example.org.");
    const url = (given ?? (await (await profile.open()).account())?.relayUrl ?? "").replace(/\/$/, "");
    const health = await askHealth(host, url);
    const state = health === undefined ? "unreachable" : health.healthy ? "ok" : "failing";
    const words = {
      ok: "The relay is well.",
      failing: "The relay answers, but is not well. See its log.",
      unreachable: "The relay does not answer.",
    } as const;
    await out.result({ type: "relay-status", url, state }, () => [words[state]]);
    return state === "ok" ? EXIT.done : state === "failing" ? EXIT.failed : EXIT.unreachable;
  },
};

async function showStatus(context: CommandContext): Promise<ExitCode> {
  const { status } = await askRunningRelay(await relayData(context), "status", { ask: "status" });
  const { problemsOf } = await import("@stonechat/relay/operating");
  const problems = problemsOf(status);
  const { startedAt, lastBackupAt, state, ...rest } = status;
  const times = {
    startedAt: isoTime(startedAt),
    lastBackupAt: lastBackupAt === undefined ? null : isoTime(lastBackupAt),
  };
  await context.out.result({ type: "relay-status", state, problems, ...times, ...rest }, () => [
    ...problems,
    ...linesOf(status, context.host.now()),
  ]);
  return problems.length === 0 ? EXIT.done : EXIT.failed;
}

function linesOf(status: RelayStatus, now: number): readonly Line[] {
  const { perSecond, health, disk, versions } = status;
  const few = (count: number | "few"): string => (count === "few" ? "fewer than 20" : String(count));
  const syncs = health?.syncs;
  const rows: readonly (readonly [string, string])[] = [
    ["connections", `${few(status.connections)}, following ${few(status.followedLogs)} logs`],
    ["a second", `${perSecond.appended.toFixed(1)} stored, ${perSecond.pushed.toFixed(1)} pushed`],
    [
      "sync",
      syncs === undefined || syncs.count === 0
        ? "nothing was stored in the last five minutes"
        : `mean ${syncs.meanMs.toFixed(1)} ms, 99 % ${syncs.p99Ms.toFixed(1)} ms, longest ${syncs.maxMs.toFixed(1)} ms`,
    ],
    ["kept", `${String(status.entries)} entries in ${String(status.logs)} logs, ${byteCount(status.entryBytes)}`],
    ["files", `${String(status.blobs)}, ${byteCount(status.blobBytes)}`],
    ["disk", `${byteCount(disk.freeBytes)} free of ${byteCount(disk.totalBytes)}`],
    ...(health === undefined
      ? []
      : ([
          ["to erase", `${String(health.expiryBacklog)} expired entries`],
          ["checkpoint", `${byteCount(health.checkpointLagBytes)} behind`],
          ["damaged", `${String(health.damagedEntries)} entries`],
        ] as const)),
    ["memory", memoryText(status)],
    [
      "running",
      `since ${localTime(status.startedAt)}, ${spanText(60 * Math.max(1, Math.floor((now - status.startedAt) / 60_000)))}`,
    ],
    ["backup", status.lastBackupAt === undefined ? "none known" : localTime(status.lastBackupAt)],
    ["version", `${versions.relay}, ${status.store} format ${String(versions.format)}, Node ${versions.node}`],
    [
      "limits",
      Object.entries(status.limits)
        .map(([name, value]) => `${name} ${String(value)}`)
        .join(", "),
    ],
  ];
  return rows.map(([what, value]) => [faint(what.padEnd(12)), value]);
}

function memoryText({ memoryBytes, memoryAllowedBytes, indexBytes }: RelayStatus): string {
  const index = indexBytes === 0 ? "" : `, about ${byteCount(indexBytes)} of it the index of what is kept`;
  return `${byteCount(memoryBytes)} of ${byteCount(memoryAllowedBytes)}${index}`;
}
