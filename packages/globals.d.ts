/**
 * The few globals that every platform of ours has (browser page, worker, Node) and that portable packages may use.
 * Time, timers, randomness, network and files are not among them: they come in through ports.
 */
declare class TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
}
declare class TextDecoder {
  constructor(label?: "utf-8", options?: { readonly fatal?: boolean; readonly ignoreBOM?: boolean });
  decode(bytes: Uint8Array): string;
}
declare class URL {
  constructor(url: string, base?: string);
  readonly href: string;
  readonly origin: string;
  readonly protocol: string;
  readonly host: string;
  readonly hostname: string;
  readonly pathname: string;
  readonly search: string;
  readonly hash: string;
  readonly username: string;
  readonly password: string;
}
/** Named by the MLS library's types alone; no value of it is ever made here. */
interface CryptoKey {
  readonly type: string;
}
