import {
  KIT_MARK,
  KIT_SECRET_BYTES,
  kitCode,
  MAX_KIT_CODE_LISTS,
  parseBase64Url,
  parseRelayUrl,
  toBase64Url,
  WireError,
  type KitCode,
  type SignedDeviceList,
} from "@stonechat/protocol";
import { ClientError } from "../client-api.ts";
import { parseWords, toWords } from "../words/word-code.ts";

/** Words of a recovery kit: 256 bits of the seed and a checksum of 19. */
export const KIT_WORDS = 25;

/** What a kit says by itself; words say neither relay nor device lists. */
export interface ParsedKit {
  readonly seed: Uint8Array;
  readonly relayUrl: string | undefined;
  readonly deviceLists: readonly SignedDeviceList[];
}

/** The same secret as words and as text for a QR code. */
export function printKit(
  seed: Uint8Array,
  relayUrl: string,
  chain: readonly SignedDeviceList[],
): { readonly words: readonly string[]; readonly qr: string } {
  const code: KitCode = {
    identitySeed: seed,
    relayUrl,
    deviceLists: chain.length > MAX_KIT_CODE_LISTS ? [] : chain,
  };
  return { words: toWords(seed, KIT_WORDS), qr: KIT_MARK + toBase64Url(kitCode.encode(code)) };
}

/** @throws ClientError `bad-kit` */
export function parseKit(text: string): ParsedKit {
  const trimmed = text.trim();
  if (trimmed.startsWith(KIT_MARK)) return parseQr(trimmed.slice(KIT_MARK.length));
  const seed = parseWords(trimmed, KIT_WORDS, KIT_SECRET_BYTES);
  if (seed === undefined) throw new ClientError("bad-kit");
  return { seed, relayUrl: undefined, deviceLists: [] };
}

function parseQr(text: string): ParsedKit {
  try {
    const { identitySeed: seed, relayUrl, deviceLists } = kitCode.decode(parseBase64Url(text));
    if (parseRelayUrl(relayUrl) !== relayUrl) throw new ClientError("bad-kit");
    return { seed, relayUrl, deviceLists };
  } catch (error) {
    if (error instanceof WireError) throw new ClientError("bad-kit", { cause: error });
    throw error;
  }
}
