import { initCrypto, signKeyPair } from "@stonechat/crypto";
import {
  invite,
  INVITE_MARK,
  KIT_MARK,
  kitCode,
  parseInviteLink,
  toBase64Url,
  toInviteLink,
  TRAVEL_MARK,
  travelCode,
  WireError,
  type IdentityKey,
  type Invite,
} from "@stonechat/protocol";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { expect, test } from "vitest";
import { ClientError } from "../client-error.ts";
import { compareSafetyQr, toSafetyNumber, toSafetyQr } from "../identity/safety-number.ts";
import { parseTravel, printTravel } from "../travel/travel-secrets.ts";
import { parseKit, printKit } from "./kit-code.ts";

const relayUrl = "https://relay.example";
const random = repeatableRandom("codes");
await initCrypto();
const [own, other] = [signKeyPair(random).publicKey as IdentityKey, signKeyPair(random).publicKey as IdentityKey];
const invitation: Invite = {
  reusable: false,
  identityKey: other,
  secret: random.bytes(32),
  kemKeyHash: random.bytes(32),
  expiresAt: 1_800_000_000_000,
  relayUrl,
};
const kit = printKit(random.bytes(32), relayUrl, []);
const travel = printTravel(random.bytes(16), relayUrl);

/** What people are given, by kind. */
const GIVEN = {
  "invite link": toInviteLink(invitation),
  "kit's QR code": kit.qr,
  "kit's words": kit.words.join(" "),
  "travel QR code": travel.qr,
  "travel words": travel.words.join(" "),
  "code of a safety number": toSafetyQr(other, own),
  "safety number": toSafetyNumber(own, other),
};
type Kind = keyof typeof GIVEN;

/** Whether a reader takes a text for one of its kind. */
const READERS: Readonly<Record<string, readonly [own: readonly Kind[], takes: (text: string) => boolean]>> = {
  "of invites": [["invite link"], taking(parseInviteLink)],
  "of kits": [["kit's QR code", "kit's words"], taking(parseKit)],
  "of travel codes": [["travel QR code", "travel words"], taking((text) => parseTravel(text, relayUrl))],
  "of safety numbers": [["code of a safety number"], (text) => compareSafetyQr(text, own, other) === "verified"],
};

function taking(read: (text: string) => unknown): (text: string) => boolean {
  return (text) => {
    try {
      read(text);
      return true;
    } catch (error) {
      if (error instanceof WireError || error instanceof ClientError) return false;
      throw error;
    }
  };
}

for (const [reader, [mine, takes]] of Object.entries(READERS)) {
  test.each(Object.entries(GIVEN))(`a reader ${reader} takes its own and no other: %s`, (kind, text) => {
    expect(takes(text)).toBe((mine as readonly string[]).includes(kind));
  });

  test(`a reader ${reader} takes nothing whose mark is of one kind and whose content of another, nor two in one`, () => {
    const contents = [
      invite.encode(invitation),
      kitCode.encode({ identitySeed: random.bytes(32), relayUrl, deviceLists: [] }),
      travelCode.encode({ secret: random.bytes(16), relayUrl }),
      new Uint8Array([...other, ...own]),
    ].map(toBase64Url);
    const marks = [`${relayUrl}/#${INVITE_MARK}`, KIT_MARK, TRAVEL_MARK, "stonechat-verify:1:"];
    for (const [i, mark] of marks.entries()) {
      for (const [j, content] of contents.entries()) if (i !== j) expect(takes(mark + content), mark).toBe(false);
      for (const text of Object.values(GIVEN)) expect(takes(mark + text), mark).toBe(false);
    }
    // Numbers between words are how people count them.
    const texts = Object.values(GIVEN).filter((text) => /[a-z]/.test(text));
    for (const first of texts)
      for (const second of texts) {
        expect(takes(`${first} ${second}`)).toBe(false);
        expect(takes(`${first}#${second}`)).toBe(false);
      }
  });
}

test("no mark begins another, so that a code is of one kind at first sight", () => {
  const marks = [INVITE_MARK, KIT_MARK, TRAVEL_MARK, toSafetyQr(own, other).replace(/[^:]*$/, "")];
  for (const [i, mark] of marks.entries())
    expect(marks.some((another, j) => i !== j && another.startsWith(mark))).toBe(false);
});
