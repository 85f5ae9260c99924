import {
  deriveKey,
  hpkeSeal,
  initCrypto,
  kemKeyPairFromSeed,
  labelled,
  labelledMac,
  padme,
  sign,
  signKeyPairFromSeed,
  STREAM_CHUNK_BYTES,
  streamSealer,
} from "@stonechat/crypto";
import { counting, toHex, type JsonValue } from "./vector-file.ts";

/** One of each use; that all labels are framed alike is the crypto package's test. */
const FRAMED = ["device list", "invite proof", "join request", "blob", "safety number"] as const;
const SIGNED = ["device list", "link"] as const;

/** Hands out bytes that count up, and never the same twice in a row. For vectors only. */
function countingRandom(): { bytes(length: number): Uint8Array } {
  let next = 0;
  return {
    bytes(length) {
      next += 1;
      return counting(next, length);
    },
  };
}

/** Vectors of how we use standard primitives: labels, derived keys, sealed messages, chunks of files, padding. */
export async function cryptoVectors(): Promise<JsonValue> {
  await initCrypto();
  const content = counting(0, 5);
  const secret = counting(0x20, 32);
  const signer = signKeyPairFromSeed(counting(0x40, 32));
  const recipient = kemKeyPairFromSeed(counting(0x60, 32));
  const info = labelled("join request", counting(1, 2));
  const associatedData = counting(3, 4);
  const stream = streamSealer(secret, counting(0x80, 7));
  return {
    note: "Bytes are hexadecimal. The seed of a signature key is RFC 8032's private key; that of a KEM key is X-Wing's.",
    labelled: FRAMED.map((label) => ({ label, content: toHex(content), bytes: toHex(labelled(label, content)) })),
    signatures: SIGNED.map((label) => ({
      label,
      content: toHex(content),
      seed: toHex(counting(0x40, 32)),
      publicKey: toHex(signer.publicKey),
      signature: toHex(sign(label, content, signer.privateKey)),
    })),
    mac: {
      label: "invite proof",
      content: toHex(content),
      key: toHex(secret),
      mac: toHex(labelledMac(secret, "invite proof", content)),
    },
    derivedKeys: [16, 32, 64, 65].map((length) => ({
      label: "blob", secret: toHex(secret), context: toHex(content), length, key: toHex(deriveKey(secret, "blob", content, length)),
    })),
    sealed: {
      privateKey: toHex(recipient.privateKey), info: toHex(info), associatedData: toHex(associatedData),
      plaintext: toHex(content), encapsulationSeed: toHex(counting(1, 64)),
      sealed: toHex(hpkeSeal(recipient.publicKey, info, associatedData, content, countingRandom())),
    },
    streamChunks: {
      key: toHex(secret), prefix: toHex(counting(0x80, 7)),
      lastAt0: toHex(stream.seal(0, content, true)),
      emptyLastAt3: toHex(stream.seal(3, counting(0, 0), true)),
      tagOfFullChunkOfZerosAt1: toHex(stream.seal(1, new Uint8Array(STREAM_CHUNK_BYTES), false).subarray(STREAM_CHUNK_BYTES)),
    },
    padme: [0, 1, 9, 100, 257, 65_537, 1_000_000, 1_073_741_825].map((length) => ({ length, padded: padme(length) })),
  };
}
