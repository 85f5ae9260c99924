import { InvariantError } from "../errors.ts";
import type { Pointer, RawSodium } from "./raw-sodium.ts";
import { rawSodium } from "./sodium.ts";

/**
 * [Note: Why some calls skip the wrapper]
 * libsodium's JavaScript wrapper allocates, checks and frees for every argument, and leaves what it freed in memory:
 * keys and plaintexts stay there until something else happens to overwrite them. Here a call puts its arguments one
 * after the other into one region, and the region is overwritten with zeros before it is given back. That is also a
 * third faster for HMAC, of which an MLS message needs dozens. Every function built on this has a test against the
 * wrapper or against noble.
 */

/** Room for a chunk of a file and what belongs to it. */
const ARENA_BYTES = 80 * 1024;
/** The strictest alignment that a state of libsodium asks for. The allocator itself promises 8 only. */
const ALIGNMENT = 16;

let arena: Pointer = 0;
let busy = false;

/** One call's stretch of WebAssembly memory. Valid only inside {@link inHeap}. */
export class Heap {
  readonly sodium: RawSodium;
  readonly #start: Pointer;
  readonly #end: Pointer;
  #next: Pointer;

  constructor(sodium: RawSodium, start: Pointer, length: number) {
    this.sodium = sodium;
    this.#start = start;
    this.#end = start + length;
    this.#next = start;
  }

  /** Room for `length` bytes, with whatever is in it. */
  space(length: number): Pointer {
    const pointer = this.#next;
    const next = pointer + align(length);
    if (next > this.#end) throw new InvariantError("heap region is too small");
    this.#next = next;
    return pointer;
  }

  /** A copy of `bytes` in WebAssembly memory. */
  put(bytes: Uint8Array): Pointer {
    const pointer = this.space(bytes.length);
    this.sodium.HEAPU8.set(bytes, pointer);
    return pointer;
  }

  /** A copy of WebAssembly memory. */
  take(pointer: Pointer, length: number): Uint8Array<ArrayBuffer> {
    return this.sodium.HEAPU8.slice(pointer, pointer + length);
  }

  setByte(pointer: Pointer, value: number): void {
    this.sodium.HEAPU8[pointer] = value;
  }

  /** Overwrites all that was handed out. */
  wipe(): void {
    this.sodium.HEAPU8.fill(0, this.#start, this.#next);
  }
}

/** `length` raised to a multiple of the alignment: what an argument takes in a region. */
export function align(length: number): number {
  const raised = length + ALIGNMENT - 1;
  // No bit operation: an address may be above 2^31.
  return raised - (raised % ALIGNMENT);
}

/** Runs `call` with `bytes` bytes of WebAssembly memory (each argument counted with {@link align}), then wipes them. */
export function inHeap<T>(bytes: number, call: (heap: Heap) => T): T {
  const sodium = rawSodium();
  if (busy || bytes > ARENA_BYTES) return inOwnRegion(sodium, bytes, call);
  if (arena === 0) arena = allocate(sodium, ARENA_BYTES).start;
  const heap = new Heap(sodium, arena, bytes);
  busy = true;
  try {
    return call(heap);
  } finally {
    heap.wipe();
    busy = false;
  }
}

function inOwnRegion<T>(sodium: RawSodium, bytes: number, call: (heap: Heap) => T): T {
  const { allocated, start } = allocate(sodium, bytes);
  const heap = new Heap(sodium, start, bytes);
  try {
    return call(heap);
  } finally {
    heap.wipe();
    sodium._free(allocated);
  }
}

function allocate(sodium: RawSodium, bytes: number): { readonly allocated: Pointer; readonly start: Pointer } {
  const allocated = sodium._malloc(bytes + ALIGNMENT);
  if (allocated === 0) throw new RangeError("out of WebAssembly memory");
  return { allocated, start: align(allocated) };
}
