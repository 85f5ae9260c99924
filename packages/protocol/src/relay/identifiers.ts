import { opaque } from "../codec/codec.ts";
import type { Brand } from "../brand.ts";

/** Names a log at a relay: 32 random bytes chosen by the client that creates it. */
export type LogId = Brand<Uint8Array, "LogId">;
/** Opens a log, a pool or a blob: 32 secret bytes. */
export type Token = Brand<Uint8Array, "Token">;
/** SHA-256 of a {@link Token}: all that the relay keeps of it. */
export type TokenHash = Brand<Uint8Array, "TokenHash">;
/** Makes an append idempotent: 16 random bytes. */
export type EntryId = Brand<Uint8Array, "EntryId">;
/** Names a pool of KeyPackages: 32 random bytes. */
export type PoolId = Brand<Uint8Array, "PoolId">;
/** Names a blob, and by being unguessable lets its holder read it: 32 random bytes. */
export type BlobId = Brand<Uint8Array, "BlobId">;
/** Names one run of a relay over its store: 16 random bytes. */
export type RunId = Brand<Uint8Array, "RunId">;
/** Position of an entry in its log, from 0. At most 2^53 - 1. */
export type Seq = number;

export const ID_BYTES = 32;
export const TOKEN_BYTES = 32;
export const ENTRY_ID_BYTES = 16;
export const RUN_ID_BYTES = 16;

export const logId = opaque<LogId>(ID_BYTES);
export const token = opaque<Token>(TOKEN_BYTES);
export const tokenHash = opaque<TokenHash>(TOKEN_BYTES);
export const entryId = opaque<EntryId>(ENTRY_ID_BYTES);
export const poolId = opaque<PoolId>(ID_BYTES);
export const blobId = opaque<BlobId>(ID_BYTES);
export const runId = opaque<RunId>(RUN_ID_BYTES);
