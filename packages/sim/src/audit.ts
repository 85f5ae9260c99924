import { DecryptError, xaeadOpen, XAEAD_NONCE_BYTES } from "@stonechat/crypto";
import { Reader, WireError } from "@stonechat/protocol";
import type { Device, SimWorld } from "./device.ts";
import type { Ledger } from "./ledger.ts";
import { findAny } from "./find-any.ts";
import type { Kept } from "./sim-relay.ts";
import { readFakeMessage } from "@stonechat/testkit/fake-mls";

const MAX_PLAIN_BYTES = 2 * 1024 * 1024;

/** Looks at every byte that the relay was ever given to keep: no text, no name, no identity key, no token. */
export function auditSecrecy(world: SimWorld, ledger: Ledger, devices: readonly Device[]): void {
  const { kept, keptBytes } = world.relay;
  if (devices.some(({ id }) => keptBytes.some((bytes) => Buffer.from(bytes).includes(Buffer.from(id, "hex"))))) {
    world.failures.add("a pool holds KeyPackages with their owner's identity key in the clear");
  }
  const haystack = Buffer.concat(
    [...kept.map(({ body }) => body), ...keptBytes].flatMap((bytes) => [bytes, SEPARATOR]),
  );
  const secret: Buffer[] = [...ledger.secrets].map((text) => Buffer.from(text));

  for (const exported of world.records.exported) secret.push(Buffer.from(exported, "hex"));
  const forms = secret.flatMap((needle) => [
    needle,
    Buffer.from(needle.toString("hex")),
    Buffer.from(needle.toString("base64").replace(/=+$/u, "")),
    Buffer.from(needle.toString("utf8"), "utf16le"),
  ]);
  const found = findAny(
    haystack,
    forms.filter((form) => form.length > 8),
  );
  if (found >= 0) world.failures.add("the relay keeps something that it must not know");
}

const SEPARATOR = Buffer.alloc(4);

/**
 * Opens every entry that the relay was given, with the keys that the simulation saw, and checks that no generation of an
 * epoch was used for two different ciphertexts. Only the fake MLS can be read so.
 */
export function auditGenerations(world: SimWorld): void {
  const keys = [...world.records.entryKeys.values()];
  const lastKey = new Map<string, number>();
  const used = new Map<string, string>();
  for (const entry of world.relay.kept) {
    const log = Buffer.from(entry.logId).toString("hex");
    const message = openWithAny(entry, keys, lastKey.get(log) ?? 0, (at) => {
      lastKey.set(log, at);
    });
    const read = message === undefined ? undefined : readFakeMessage(message);
    if (read === undefined || message === undefined) continue;
    const content = Buffer.from(message).toString("base64");
    const known = used.get(read);
    if (known !== undefined && known !== content)
      world.failures.add(`a key and nonce were used for two messages: ${read.split(" ").slice(1).join(" ")}`);
    used.set(read, content);
  }
}

function openWithAny(
  { body, logId, kind }: Kept,
  keys: readonly Uint8Array[],
  from: number,
  found: (at: number) => void,
): Uint8Array | undefined {
  for (let i = 0; i < keys.length; i += 1) {
    const at = (from + i) % keys.length;
    const key = keys[at];
    const message = key === undefined ? undefined : open(key, logId, kind, body);
    if (message === undefined) continue;
    found(at);
    return message;
  }
  return undefined;
}

function open(key: Uint8Array, logId: Uint8Array, kind: Kept["kind"], body: Uint8Array): Uint8Array | undefined {
  try {
    const reader = new Reader(body, "SealedEntry");
    reader.uint8();
    const nonce = reader.opaque(XAEAD_NONCE_BYTES);
    const padded = xaeadOpen(key, nonce, new Uint8Array([...logId, kind === "message" ? 1 : 2]), reader.rest());
    return new Reader(padded, "PaddedMessage").vector(MAX_PLAIN_BYTES);
  } catch (error) {
    if (error instanceof WireError || error instanceof DecryptError) return undefined;
    throw error;
  }
}
