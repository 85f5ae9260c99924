import type { LatencySummary } from "./latencies.ts";
import type { Crowd, RelayStatus } from "./relay-status.ts";

const MIB = 1024 * 1024;

/** The page's style sheet, which its policy lets it load from its own address only. */
export const STATUS_STYLE = `:root { color-scheme: light dark; --ink: #1c1c1e; --paper: #fbfaf7; --faint: #5d5d63; --line: #d9d7d0; --bad: #a11212; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #f1f0ec; --paper: #161618; --faint: #a9a8ad; --line: #3a3a3e; --bad: #ff9a8c; }
}
body { margin: 0 auto; max-inline-size: 46rem; padding: 1.5rem 1rem 4rem; color: var(--ink); background: var(--paper); font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-block: 2rem 0.5rem; }
table { inline-size: 100%; table-layout: fixed; border-collapse: collapse; }
th, td { padding-block: 0.4rem; border-block-end: 1px solid var(--line); text-align: start; vertical-align: top; overflow-wrap: anywhere; }
th { font-weight: 400; inline-size: 55%; padding-inline-end: 1rem; } td { font-variant-numeric: tabular-nums; }
.bad { color: var(--bad); font-weight: 700; } .faint { color: var(--faint); }
`;

type Row = readonly [what: string, value: string];

/** The status as a page without scripts: numbers about everybody together, nothing about anybody. */
export function statusPage(status: RelayStatus, now: number): string {
  const problems = problemsOf(status);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Stonechat relay: status</title>
<link rel="stylesheet" href="/status.css">
</head>
<body>
<main>
<h1>Stonechat relay</h1>
<p>${status.state === "serving" ? "Serving" : "Stopping"}. <span class="faint">As of ${time(now)}.</span></p>
${problems.length === 0 ? "<p>No problem is known.</p>" : `<ul>${problems.map((text) => `<li class="bad">${escape(text)}</li>`).join("")}</ul>`}
${sectionsOf(status, now)
  .map(([heading, rows]) => table(heading, rows))
  .join("\n")}
</main>
</body>
</html>
`;
}

/** Share of the memory: connections and caches need the other half, and the index is reckoned, not measured. */
const LARGE_INDEX = 0.5;

/** What somebody should look at, in whole sentences. */
export function problemsOf(status: RelayStatus): readonly string[] {
  const { storageLow, health, disk, indexBytes, memoryAllowedBytes } = status;
  return [
    ...(storageLow
      ? ["The disk is nearly full: nothing new is accepted. It goes on by itself when there is room."]
      : []),
    ...(!storageLow && disk.freeBytes < disk.totalBytes / 20 ? ["Less than a twentieth of the disk is free."] : []),
    ...((health?.damagedEntries ?? 0) > 0
      ? [
          "Some stored messages are damaged and cannot be read. Check the disk, and take no more backups over good ones.",
        ]
      : []),
    ...(indexBytes > memoryAllowedBytes * LARGE_INDEX
      ? [
          "The index of what is kept takes more than half of the memory. Give the relay more, keep messages for fewer days, or convert it to sqlite.",
        ]
      : []),
    ...((health?.syncs.p99Ms ?? 0) > 1000 ? ["The disk takes more than a second for some syncs."] : []),
  ];
}

function sectionsOf(status: RelayStatus, now: number): readonly (readonly [string, readonly Row[]])[] {
  const { perSecond, health, disk, versions } = status;
  return [
    [
      "Now",
      [
        ["Connections", people(status.connections)],
        ["Conversations followed", people(status.followedLogs)],
        ["Messages stored a second", rate(perSecond.appended)],
        ["Bytes stored a second", `${rate(perSecond.appendedBytes / 1024)} KiB`],
        ["Messages pushed a second", rate(perSecond.pushed)],
        ["Requests a second", rate(perSecond.requests)],
        ...syncRows(health?.syncs),
      ],
    ],
    [
      "Kept",
      [
        ["Logs", whole(status.logs)],
        ["Entries", `${whole(status.entries)}, ${size(status.entryBytes)}`],
        ["Files", `${whole(status.blobs)}, ${size(status.blobBytes)}`],
        ["Disk free", `${size(disk.freeBytes)} of ${size(disk.totalBytes)}`],
        ...(health === undefined
          ? []
          : ([
              ["Expired, waiting to be erased", whole(health.expiryBacklog)],
              ["Written since the last checkpoint", size(health.checkpointLagBytes)],
              ["Damaged entries", whole(health.damagedEntries)],
            ] as const)),
        ["Last backup", status.lastBackupAt === undefined ? "none known" : time(status.lastBackupAt)],
      ],
    ],
    [
      "Process",
      [
        ["Started", `${time(status.startedAt)}, ${duration(now - status.startedAt)} ago`],
        ["Memory", `${size(status.memoryBytes)} of ${size(status.memoryAllowedBytes)}`],
        ...(status.indexBytes === 0
          ? []
          : [["Of it the index of what is kept", `about ${size(status.indexBytes)}`] as const]),
        ["Kept in", `${status.store}, format ${String(versions.format)}`],
        ["Versions", `relay ${versions.relay}, protocol ${String(versions.protocol)}, Node ${versions.node}`],
      ],
    ],
    ["Limits in force", Object.entries(status.limits).map(([name, value]) => [name, String(value)] as const)],
  ];
}

function syncRows(syncs: LatencySummary | undefined): readonly Row[] {
  if (syncs === undefined || syncs.count === 0) return [["Time of a sync, last five minutes", "nothing was stored"]];
  const { meanMs, p99Ms, maxMs } = syncs;
  return [["Time of a sync, last five minutes", `mean ${ms(meanMs)}, 99 % ${ms(p99Ms)}, longest ${ms(maxMs)}`]];
}

function table(heading: string, rows: readonly Row[]): string {
  const lines = rows.map(([what, value]) => `<tr><th scope="row">${escape(what)}</th><td>${escape(value)}</td></tr>`);
  return `<h2>${escape(heading)}</h2>\n<table><tbody>\n${lines.join("\n")}\n</tbody></table>`;
}

/** A number of people, or that there are too few to tell. */
export function people(count: Crowd): string {
  return count === "few" ? "fewer than 20" : whole(count);
}

function whole(count: number): string {
  return count.toLocaleString("en");
}

function rate(perSecond: number): string {
  return perSecond < 10 ? perSecond.toFixed(1) : whole(Math.round(perSecond));
}

function ms(value: number): string {
  return `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}

/** Bytes for people. */
export function size(bytes: number): string {
  if (bytes < MIB) return `${(bytes / 1024).toFixed(1)} KiB`;
  return bytes < 1024 * MIB ? `${(bytes / MIB).toFixed(1)} MiB` : `${(bytes / MIB / 1024).toFixed(1)} GiB`;
}

function time(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

function duration(spanMs: number): string {
  const minutes = Math.max(0, Math.floor(spanMs / 60_000));
  if (minutes < 120) return `${String(minutes)} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${String(hours)} h` : `${String(Math.floor(hours / 24))} days`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${String(character.charCodeAt(0))};`);
}
