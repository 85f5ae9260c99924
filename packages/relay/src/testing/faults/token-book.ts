import { createHash } from "node:crypto";
import type { Token, TokenHash } from "@stonechat/protocol";
import { mapKey } from "../../map-key.ts";

/** Tokens by their hashes: stores know the hashes, clients of a relay show the tokens. */
export class TokenBook {
  readonly #tokens = new Map<string, Token>();

  add(token: Token): TokenHash {
    const hash = new Uint8Array(createHash("sha256").update(token).digest()) as Uint8Array as TokenHash;
    this.#tokens.set(mapKey(hash), token);
    return hash;
  }

  /** @throws RangeError for the hash of a token that is not in the book. */
  find(hash: TokenHash): Token {
    const token = this.#tokens.get(mapKey(hash));
    if (token === undefined) throw new RangeError("no such token");
    return token;
  }
}
