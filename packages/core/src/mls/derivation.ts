import type { MlsPrimitives } from "@stonechat/crypto";
import { Writer } from "@stonechat/protocol";
import { HASH_BYTES } from "./suite.ts";

const UTF8 = new TextEncoder();
const EMPTY = new Uint8Array(0);
const MAX_LABELLED_BYTES = 0x3fff_ffff;

/** `ExpandWithLabel` (RFC 9420 §8). */
export function expandWithLabel(
  primitives: MlsPrimitives,
  secret: Uint8Array,
  label: string,
  context: Uint8Array,
  length: number,
): Uint8Array {
  return primitives.expand(secret, kdfLabel(label, context, length), length);
}

/** `DeriveSecret` (RFC 9420 §8). */
export function deriveSecret(primitives: MlsPrimitives, secret: Uint8Array, label: string): Uint8Array {
  return expandWithLabel(primitives, secret, label, EMPTY, HASH_BYTES);
}

/** `DeriveTreeSecret` (RFC 9420 §9). */
export function deriveTreeSecret(
  primitives: MlsPrimitives,
  secret: Uint8Array,
  label: string,
  generation: number,
  length: number,
): Uint8Array {
  const context = Uint8Array.of(
    generation >>> 24,
    (generation >>> 16) & 0xff,
    (generation >>> 8) & 0xff,
    generation & 0xff,
  );
  return expandWithLabel(primitives, secret, label, context, length);
}

/** `MLS-Exporter` (RFC 9420 §8.5). */
export function exportWithLabel(
  primitives: MlsPrimitives,
  exporterSecret: Uint8Array,
  label: string,
  context: Uint8Array,
  length: number,
): Uint8Array {
  const secret = deriveSecret(primitives, exporterSecret, label);
  return expandWithLabel(primitives, secret, "exported", primitives.digest(context), length);
}

/** `RefHash` (RFC 9420 §5.2). */
export function refHash(primitives: MlsPrimitives, label: string, value: Uint8Array): Uint8Array {
  return primitives.digest(labelled(UTF8.encode(label), value));
}

/** The bytes that `SignWithLabel` and `VerifyWithLabel` stand over (RFC 9420 §5.1.2). */
export function signContent(label: string, content: Uint8Array): Uint8Array {
  return labelled(mlsLabel(label), content);
}

/** The HPKE info of `EncryptWithLabel` (RFC 9420 §5.1.3). */
export function encryptContext(label: string, context: Uint8Array): Uint8Array {
  return labelled(mlsLabel(label), context);
}

function labelled(label: Uint8Array, content: Uint8Array): Uint8Array {
  const writer = new Writer();
  writer.vector(label, MAX_LABELLED_BYTES);
  writer.vector(content, MAX_LABELLED_BYTES);
  return writer.finish();
}

/** `struct { uint16 length; opaque label<V>; opaque context<V>; } KDFLabel` (RFC 9420 §8), written by hand: it is hot. */
function kdfLabel(label: string, context: Uint8Array, length: number): Uint8Array {
  const name = mlsLabel(label);
  const wide = context.length >= 1 << 6;
  if (name.length >= 1 << 6 || context.length >= 1 << 14) throw new RangeError("label or context is too long");
  const out = new Uint8Array(2 + 1 + name.length + (wide ? 2 : 1) + context.length);
  out[0] = length >> 8;
  out[1] = length & 0xff;
  out[2] = name.length;
  out.set(name, 3);
  let at = 3 + name.length;
  if (wide) out[at++] = 0x40 | (context.length >> 8);
  out[at++] = context.length & 0xff;
  out.set(context, at);
  return out;
}

const knownLabels = new Map<string, Uint8Array>();
/** Labels are few and constant, so their bytes are kept. */
function mlsLabel(label: string): Uint8Array {
  let bytes = knownLabels.get(label);
  if (bytes === undefined) {
    bytes = UTF8.encode(`MLS 1.0 ${label}`);
    knownLabels.set(label, bytes);
  }
  return bytes;
}
