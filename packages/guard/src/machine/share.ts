import { KeyError, voprfShareKeyPair, type VoprfKeyPair } from "@stonechat/crypto/guard";

/** The key pair of a share, or undefined if it is none that can be evaluated under. */
export function keyPairOf(share: Uint8Array): VoprfKeyPair | undefined {
  try {
    return voprfShareKeyPair(share);
  } catch (error) {
    if (error instanceof KeyError) return undefined;
    throw error;
  }
}
