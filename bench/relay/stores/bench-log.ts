import { sha256 } from "@stonechat/crypto/issuer";
import type { LogId, Token, TokenHash } from "@stonechat/protocol";

/** A log that is made in one process and asked for in another. One token both reads and appends. */
export interface BenchLog {
  readonly logId: LogId;
  readonly token: Token;
  readonly hash: TokenHash;
}

/** The `index`-th log of every filled store. `initCrypto` must have been awaited. */
export function benchLog(index: number): BenchLog {
  const of = (what: string): Uint8Array => sha256(Buffer.from(`${what} ${String(index)}`));
  const [logId, token] = [of("log") as LogId, of("token") as Token]; // 32 bytes, as ids and tokens have
  return { logId, token, hash: sha256(token) as TokenHash };
}
