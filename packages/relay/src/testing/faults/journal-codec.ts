import { operationBatch, outcomeBatch } from "../../store/operations.ts";
import type { JournalItem } from "./journal.ts";
import type { StoreOperation } from "./perform.ts";

const HEAD_BYTES = 9;
const ASKED = 1;

/** One item as bytes that can follow one another in a file: length, kind, number, then the operation or the outcome. */
export function encodeJournalItem(item: JournalItem): Uint8Array {
  const asked = item.type === "asked";
  const bytes = asked ? operationBatch.encode([item.operation]) : outcomeBatch.encode([item.outcome]);
  const whole = Buffer.alloc(HEAD_BYTES + bytes.length);
  whole.writeUInt32BE(bytes.length, 0);
  whole.writeUInt8(asked ? ASKED : 0, 4);
  whole.writeUInt32BE(item.number, 5);
  whole.set(bytes, HEAD_BYTES);
  return whole;
}

/** What stands in such a file. The end may be missing: its writer was killed. */
export function decodeJournal(file: Uint8Array): readonly JournalItem[] {
  const items: JournalItem[] = [];
  const view = Buffer.from(file.buffer, file.byteOffset, file.length);
  for (let at = 0; at + HEAD_BYTES <= view.length;) {
    const end = at + HEAD_BYTES + view.readUInt32BE(at);
    if (end > view.length) break;
    const bytes = new Uint8Array(view.subarray(at + HEAD_BYTES, end));
    const number = view.readUInt32BE(at + 5);
    if (view.readUInt8(at + 4) === ASKED) {
      const [operation] = operationBatch.decode(bytes);
      // Our own child wrote it, and it asks nothing but this.
      if (operation !== undefined) items.push({ type: "asked", number, operation: operation as StoreOperation });
    } else {
      const [outcome] = outcomeBatch.decode(bytes);
      if (outcome !== undefined) items.push({ type: "answered", number, outcome });
    }
    at = end;
  }
  return items;
}
