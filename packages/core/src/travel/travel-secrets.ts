import { deriveKey } from "@stonechat/crypto";
import {
  parseBase64Url,
  parseRelayUrl,
  toBase64Url,
  TRAVEL_MARK,
  TRAVEL_SECRET_BYTES,
  travelCode,
  WireError,
  type BlobId,
  type Token,
} from "@stonechat/protocol";
import type { FileSecrets } from "../attachments/seal-file.ts";
import { ClientError } from "../client-api.ts";
import { parseWords, toWords } from "../words/word-code.ts";

/** Words of a travel code: 128 bits of secret and a checksum of 4. */
export const TRAVEL_WORDS = 12;
const NOTHING = new Uint8Array(0);
const KEY_BYTES = 32;
const PREFIX_BYTES = 7;

/** What derives from the code of a vault on its way. Each code is used for one vault, so nonces may be counted. */
export interface TravelSecrets {
  readonly blobId: BlobId;
  readonly writeToken: Token;
  readonly file: FileSecrets;
  /** The blob by which one of all copies of the vault becomes the one that goes on. */
  readonly claimId: BlobId;
}

export function deriveTravel(secret: Uint8Array): TravelSecrets {
  const file = deriveKey(secret, "travel vault", NOTHING, KEY_BYTES + PREFIX_BYTES);
  return {
    blobId: deriveKey(secret, "travel blob id", NOTHING, 32) as BlobId,
    writeToken: deriveKey(secret, "travel write token", NOTHING, 32) as Token,
    file: { key: file.slice(0, KEY_BYTES), prefix: file.slice(KEY_BYTES) },
    claimId: deriveKey(secret, "travel claim", NOTHING, 32) as BlobId,
  };
}

/** The code as words and as text for a QR code. */
export function printTravel(
  secret: Uint8Array,
  relayUrl: string,
): { readonly words: readonly string[]; readonly qr: string } {
  return {
    words: toWords(secret, TRAVEL_WORDS),
    qr: TRAVEL_MARK + toBase64Url(travelCode.encode({ secret, relayUrl })),
  };
}

/** @param relayUrl - With words, the relay; with a QR code, another than it names. @throws ClientError `bad-kit`, `relay-unknown` */
export function parseTravel(
  text: string,
  relayUrl: string | undefined,
): { readonly secret: Uint8Array; readonly relayUrl: string } {
  try {
    const trimmed = text.trim();
    if (trimmed.startsWith(TRAVEL_MARK)) {
      const code = travelCode.decode(parseBase64Url(trimmed.slice(TRAVEL_MARK.length)));
      return { secret: code.secret, relayUrl: parseRelayUrl(relayUrl ?? code.relayUrl) };
    }
    const secret = parseWords(trimmed, TRAVEL_WORDS, TRAVEL_SECRET_BYTES);
    if (secret === undefined) throw new ClientError("bad-kit");
    if (relayUrl === undefined) throw new ClientError("relay-unknown");
    return { secret, relayUrl: parseRelayUrl(relayUrl) };
  } catch (error) {
    if (error instanceof WireError) throw new ClientError("bad-kit", { cause: error });
    throw error;
  }
}
