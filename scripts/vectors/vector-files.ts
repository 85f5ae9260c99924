import { clientVectors } from "./client-vectors.ts";
import { cryptoVectors } from "./crypto-vectors.ts";
import { flowVectors } from "./flow-vectors.ts";
import { frameVectors } from "./frame-vectors.ts";
import { guardVectors } from "./guard-vectors.ts";
import { recoveryVectors } from "./recovery-vectors.ts";

/** Where our own vectors lie, and what makes each file: name below `vectors/stonechat/` and its content. */
export const VECTOR_FOLDER = new URL("../../vectors/stonechat/", import.meta.url);
export const VECTOR_FILES: Readonly<Record<string, () => unknown>> = {
  "client.json": clientVectors,
  "crypto.json": cryptoVectors,
  "flows.json": flowVectors,
  "frames.json": frameVectors,
  "guards.json": guardVectors,
  "recovery.json": recoveryVectors,
};

/** The text of a file of vectors. */
export function toText(content: unknown): string {
  return `${JSON.stringify(content, undefined, 2)}\n`;
}
