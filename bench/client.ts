import type { Row } from "./row.ts";
export async function benchClient(): Promise<Row[]> {
  return [];
}
