import { isReached, ratioOf, type Row } from "./row.ts";

const HEADER = ["what", "measured", "baseline", "ratio", "target", "reached"];

/** The rows as text, in columns. */
export function formatTable(rows: readonly Row[]): string {
  const lines = [HEADER, ...rows.map(cells)];
  const widths = HEADER.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const pad = (cell: string, column: number): string =>
    column === 1 || column === 3 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0);
  return lines.map((line) => line.map(pad).join("  ").trimEnd()).join("\n");
}

function cells(row: Row): readonly string[] {
  const { what, measured, unit, baseline, target } = row;
  const ratio = ratioOf(row);
  const reached = isReached(row);
  return [
    what,
    `${toText(measured)} ${unit}`,
    baseline === undefined ? "" : `${toText(baseline.value)} (${baseline.what})`,
    ratio === undefined ? "" : ratio.toFixed(2),
    target === undefined
      ? ""
      : [bound("≥", target.atLeast), bound("≤", target.atMost), target.of === "ratio" ? "×" : ""].join(""),
    reached === undefined ? "" : reached ? "yes" : "NO",
  ];
}

function bound(sign: string, value: number | undefined): string {
  return value === undefined ? "" : `${sign} ${toText(value)} `;
}

function toText(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString("en", { maximumFractionDigits: digits });
}
