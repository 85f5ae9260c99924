import type { Breaking } from "./breaking.ts";
import type { FixedLimit } from "./fixed-limits.ts";
import type { Needs } from "./needs.ts";

const [GB, TB] = [1e9, 1e12];
const BITS = 8;

/** What populations need, as a table. `name` says how they are served. */
export function needsTable(rows: readonly { readonly name: string; readonly needs: Needs | undefined }[]): string {
  const head = [
    ...["people", "served by", "messages, receipts and commits/s", "pushes/s", "connections", "logs followed"],
    ...[
      "relay processes",
      "cores: relays",
      "databases",
      "NATS",
      "memory of relays, GB",
      "disk a day, GB",
      "disk in all, TB",
    ],
    ...["of it files, TB", "to and from clients, Gbit/s", "between relays, Gbit/s", "databases", "NATS servers"],
  ];
  return table([head, ...rows.map(({ name, needs }) => (needs === undefined ? [] : cells(name, needs)))]);
}

/** Where arrangements break, as a table. */
export function breakingTable(rows: readonly (Breaking & { readonly name: string })[]): string {
  const head = ["arrangement", "people until it breaks", "which part breaks first"];
  return table([head, ...rows.map(({ name, people, part }) => [name, whole(people), part])]);
}

/** What is used up by how many people, as a table. */
export function limitsTable(limits: readonly FixedLimit[]): string {
  return table([["what is used up", "by so many people"], ...limits.map(({ what, people }) => [what, whole(people)])]);
}

function cells(name: string, needs: Needs): readonly string[] {
  const { demand, shape } = needs;
  return [
    whole(demand.people),
    name,
    whole(demand.entriesPerSecond),
    whole(demand.pushesPerSecond),
    whole(demand.connections),
    whole(demand.subscriptions),
    whole(shape?.relays ?? 1),
    some(needs.relayCores),
    some(needs.databaseCores),
    some(needs.natsCores),
    some(needs.memoryBytes / GB),
    some(needs.diskBytesPerDay / GB),
    some(needs.diskBytes / TB),
    some(demand.blobBytesKept / TB),
    some((needs.edgeBytesPerSecond * BITS) / GB),
    some((needs.natsBytesPerSecond * BITS) / GB),
    whole(shape?.databases ?? 0),
    whole(shape?.natsServers ?? 0),
  ];
}

/** In Markdown, so that it can go into the documentation as it is. */
function table(lines: readonly (readonly string[])[]): string {
  const [head = [], ...rest] = lines;
  const written = rest.filter((line) => line.length > 0);
  return [head, head.map(() => "---"), ...written].map((line) => `| ${line.join(" | ")} |`).join("\n");
}

function whole(value: number): string {
  return value.toLocaleString("en", { maximumSignificantDigits: 3, maximumFractionDigits: 0 });
}

function some(value: number): string {
  return value.toLocaleString("en", { maximumSignificantDigits: 2 });
}
