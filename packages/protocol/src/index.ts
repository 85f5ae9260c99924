export type { Brand } from "./brand.ts";
export * from "./codec/codec.ts";
export { Reader } from "./codec/reader.ts";
export { Writer } from "./codec/writer.ts";
export { WireError, type WireErrorCode } from "./codec/wire-error.ts";
export * from "./relay/identifiers.ts";
export * from "./relay/limits.ts";
export * from "./relay/frames.ts";
export * from "./relay/blobs.ts";
