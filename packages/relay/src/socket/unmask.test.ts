import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { unmask } from "./unmask.ts";

/** The plain twin: RFC 6455 §5.3 word for word. */
function unmaskPlainly(payload: Uint8Array, mask: Uint8Array): Uint8Array {
  return payload.map((byte, i) => byte ^ (mask[i % 4] ?? 0));
}

test.prop([
  fc.uint8Array({ maxLength: 100 }),
  fc.uint8Array({ minLength: 4, maxLength: 4 }),
  fc.nat({ max: 9 }),
  fc.nat({ max: 9 }),
])("takes off any mask, wherever the frame lies in memory, and touches nothing else", (payload, mask, shift, lead) => {
  const memory = new Uint8Array(shift + lead + 4 + payload.length + 9).fill(0xee);
  const bytes = memory.subarray(shift);
  bytes.set(mask, lead);
  bytes.set(payload, lead + 4);
  const expected = Uint8Array.from(memory);
  expected.set(unmaskPlainly(payload, mask), shift + lead + 4);
  unmask(bytes, lead, lead + 4, lead + 4 + payload.length);
  expect(memory).toEqual(expected);
});
