import sodium from "libsodium-wrappers-sumo";
import { InvariantError } from "../errors.ts";
import type { RawSodium } from "./raw-sodium.ts";

export type Sodium = typeof sodium;

let loaded: Sodium | undefined;
let raw: RawSodium | undefined;

/** Starts the WebAssembly module. Await it once before anything else of this package; more often does no harm. */
export async function initCrypto(): Promise<void> {
  await sodium.ready;
  // The wrapper publishes its Emscripten module under this name and leaves it out of its type declarations.
  raw = (sodium as unknown as { readonly libsodium: RawSodium }).libsodium;
  loaded = sodium;
}

/** The checked, allocating interface of libsodium. @throws InvariantError before {@link initCrypto} is done. */
export function wrapped(): Sodium {
  if (loaded === undefined) throw new InvariantError("initCrypto() was not awaited");
  return loaded;
}

/** The Emscripten module itself; only `heap.ts` and what uses it. @throws InvariantError before {@link initCrypto} is done. */
export function rawSodium(): RawSodium {
  if (raw === undefined) throw new InvariantError("initCrypto() was not awaited");
  return raw;
}
