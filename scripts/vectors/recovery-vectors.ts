import { initCrypto, sha256, signKeyPairFromSeed } from "@stonechat/crypto";
import {
  kitCode,
  kitFile,
  returnEntry,
  travelCode,
  type DeviceKey,
  type IdentityKey,
  type KitFile,
  type LogId,
  type PoolId,
  type RecordId,
  type Token,
} from "@stonechat/protocol";
import { signNextList } from "../../packages/core/src/identity/device-lists.ts";
import { parseInstant } from "../../packages/core/src/ports/clock.ts";
import { printKit } from "../../packages/core/src/recovery/kit-code.ts";
import { deriveKitFile, deriveReturnLog, deriveReturnSecret, KIT_SLOTS } from "../../packages/core/src/recovery/kit-secrets.ts";
import { sealKitFile } from "../../packages/core/src/recovery/sealed-kit-file.ts";
import { sealReturn } from "../../packages/core/src/recovery/sealed-return.ts";
import { deriveTravel, printTravel } from "../../packages/core/src/travel/travel-secrets.ts";
import { WORDS } from "../../packages/core/src/words/word-list.ts";
import { accepted, counting, refused, toHex, toJson, type JsonValue } from "./vector-file.ts";

// The brands stand for these lengths.
const relayUrl = "https://relay.example";
const seed = counting(0x01, 32);
const travelSecret = counting(0x21, 16);
const contactKey = counting(0x80, 32) as IdentityKey;
const returnAddress = {
  relayUrl, logId: counting(0xc0, 32) as LogId, appendToken: counting(0x30, 32) as Token, secret: counting(0x50, 32),
};

function kitValue(chain: KitFile["deviceLists"]): KitFile {
  return {
    madeAt: 1_800_000_000_000, name: "Ada", admission: new TextEncoder().encode("CODE"), deviceLists: chain,
    contacts: [
      {
        identityKey: contactKey, name: "Bea", label: "", verified: true, blocked: false, timerSeconds: 604_800, deviceLists: [],
        pools: [{ deviceKey: counting(0x40, 32) as DeviceKey, relayUrl, poolId: counting(8, 32) as PoolId, secret: counting(0x31, 32) }],
        returnAddress,
      },
    ],
    groups: [{ groupId: counting(0xe0, 32), name: "Team", admins: [contactKey] }],
    revocations: [{ url: "https://guard.example", recordId: counting(0x70, 16) as RecordId, secret: counting(0x71, 32) }],
  };
}

/** Vectors of the recovery kit and of a vault on its way: words, codes, what derives from them, sealed files. */
export async function recoveryVectors(): Promise<JsonValue> {
  await initCrypto();
  const { publicKey, privateKey } = signKeyPairFromSeed(seed);
  const identity = { publicKey: publicKey as IdentityKey, privateKey };
  const { signed } = signNextList(identity, [counting(0x40, 32) as DeviceKey], undefined, parseInstant(20_454 * 86_400_000));
  const file = kitValue([signed]);
  const random = { bytes: (length: number) => counting(0x44, length) };
  const lists = { type: "lists", deviceLists: [signed] } as const;
  const log = deriveReturnLog(seed);
  const secret = deriveReturnSecret(seed, contactKey);
  const code = kitCode.encode({ identitySeed: seed, relayUrl, deviceLists: [signed] });
  return {
    note: "Bytes are hexadecimal, absent optional fields are null. The word list is hashed as its words joined by single spaces.",
    wordList: { words: WORDS.length, sha256: toHex(sha256(new TextEncoder().encode(WORDS.join(" ")))) },
    accepted: [
      accepted(kitCode, "with a chain of one list", { identitySeed: seed, relayUrl, deviceLists: [signed] }),
      accepted(kitFile, "one contact, one group, one guard", file),
      accepted(returnEntry, "lists", lists),
      accepted(travelCode, "a travel code", { secret: travelSecret, relayUrl }),
    ].map(toObject),
    refused: [
      refused(kitCode, "an unknown version", Uint8Array.of(2, ...code.slice(1))),
      refused(kitCode, "a byte behind the end", Uint8Array.of(...code, 0)),
      refused(kitFile, "cut off", kitFile.encode(file).slice(0, -1)),
      refused(returnEntry, "an unknown type", Uint8Array.of(1, 3, 0)),
    ].map(toObject),
    kit: {
      seed: toHex(seed), identityKey: toHex(publicKey), ...toObject(printKit(seed, relayUrl, [signed])),
      files: KIT_SLOTS.map((slot) => {
        const secrets = deriveKitFile(seed, slot);
        return { slot, ...toObject(secrets), nonce: toHex(counting(0x44, 24)), sha256OfSealed: toHex(sha256(sealKitFile(file, secrets, random))) };
      }),
      returnLog: toJson(log),
      returnEntry: {
        contact: toHex(contactKey), secret: toHex(secret), nonce: toHex(counting(0x44, 24)),
        sealed: toHex(sealReturn(lists, secret, log.logId, random)),
      },
    },
    travel: { secret: toHex(travelSecret), ...toObject(printTravel(travelSecret, relayUrl)), derived: toJson(deriveTravel(travelSecret)) },
  };
}

function toObject(value: object): { readonly [name: string]: JsonValue } {
  return toJson(value) as { readonly [name: string]: JsonValue };
}
