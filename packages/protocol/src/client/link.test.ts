import { invites } from "@stonechat/testkit/client-arbitraries";
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { WireError } from "../codec/wire-error.ts";
import { invite, type Invite } from "./invite.ts";
import { parseBase64Url, parseInviteLink, parseRelayUrl, toBase64Url, toInviteLink } from "./link.ts";

const example: Invite = {
  reusable: false,
  identityKey: new Uint8Array(32).fill(1) as Invite["identityKey"],
  secret: new Uint8Array(32).fill(2),
  kemKeyHash: new Uint8Array(32).fill(3),
  expiresAt: 1_800_000_000_000,
  relayUrl: "https://relay.example",
};
const link = toInviteLink(example);
const [, fragment = ""] = link.split("#");

/** The code of the refusal; fails the test if the text is taken. */
function refusal(text: string): string {
  try {
    parseInviteLink(text);
  } catch (error) {
    if (error instanceof WireError) return error.code;
    throw error;
  }
  return "accepted";
}

describe("invite links", () => {
  test.prop([invites])("come back, with and without the address before the fragment", (value) => {
    const text = toInviteLink(value);
    expect(parseInviteLink(text)).toEqual(value);
    expect(parseInviteLink(`#${text.split("#")[1] ?? ""}`)).toEqual(value);
    expect(parseInviteLink(` ${text}\n`)).toEqual(value);
  });

  test.each([
    ["a verification QR code", `stonechat-verify:1:${toBase64Url(new Uint8Array(64))}`],
    ["a safety number", "12345 12345 12345 12345 12345 12345 12345 12345 12345 12345 12345 12345"],
    ["nothing", ""],
    ["a page", "https://relay.example/"],
    ["another page with a fragment", "https://relay.example/#about"],
    ["a link code for devices", link.replace("#i/", "#d/")],
    ["an upper-case mark", link.replace("#i/", "#I/")],
    ["a mark written in escapes", link.replace("#i/", "#i%2F")],
    ["a second fragment before it", link.replace("#i/", "#x#i/")],
    ["a fragment that is a query", link.replace("#", "?")],
    ["a scripted address", `javascript:alert(1)#${fragment}`],
    ["a data address", `data:text/html,x#${fragment}`],
    ["the wrong host before the fragment", `https://evil.example/#${fragment}`],
    ["the right host as a subdomain", `https://relay.example.evil.example/#${fragment}`],
    ["the right host as user information", `https://relay.example@evil.example/#${fragment}`],
    ["user information before the right host", `https://you@relay.example/#${fragment}`],
    ["another scheme", `http://relay.example/#${fragment}`],
    ["another port", `https://relay.example:8443/#${fragment}`],
    ["a port written out", `https://relay.example:443/#${fragment}`],
    ["a path", `https://relay.example/x/#${fragment}`],
    ["a query", `https://relay.example/?x#${fragment}`],
    ["an upper-case host", `https://RELAY.example/#${fragment}`],
    ["a host written in escapes", `https://rel%61y.example/#${fragment}`],
    ["a look-alike host", `https://rеlay.example/#${fragment}`],
    ["a host with a dot after it", `https://relay.example./#${fragment}`],
    ["a host without the slash", `https://relay.example#${fragment}`],
    ["padding", `${link}=`],
    ["plain base64", link.replace(/[A-Za-z0-9](?=[^/]*$)/, "+")],
    ["a letter more", `${link}A`],
    ["four letters more", `${link}AAAA`],
    ["a letter less", link.slice(0, -1)],
    ["a space inside", `${link.slice(0, -9)} ${link.slice(-9)}`],
    ["far too much", `${link}${"A".repeat(4000)}`],
    ["something after it", `${link}#`],
  ])("%s is none", (_, text) => {
    expect(refusal(text)).not.toBe("accepted");
  });

  test.each([
    "http://relay.example",
    "https://relay.example/",
    "https://RELAY.example",
    "https://relay.example:443",
    "https://u@relay.example",
    "ftp://relay.example",
    "relay.example",
    "",
  ])("that name the relay %j inside are refused", (relayUrl) => {
    const inside = toBase64Url(invite.encode({ ...example, relayUrl }));
    expect(refusal(`#i/${inside}`)).toBe("bad-value");
    expect(refusal(`${relayUrl}/#i/${inside}`)).toBe("bad-value");
  });

  test.prop([fc.webUrl({ withFragments: true, withQueryParameters: true })])("arbitrary addresses are none", (url) => {
    expect(refusal(url)).not.toBe("accepted");
  });

  test.prop([fc.nat({ max: 5000 }), fc.nat({ max: 63 })])(
    "with one letter changed are refused or say what they say",
    (at, by) => {
      const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
      const place = at % link.length;
      const changed = link.slice(0, place) + letters.charAt(by) + link.slice(place + 1);
      try {
        expect(toInviteLink(parseInviteLink(changed))).toBe(changed);
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
      }
    },
  );
});

describe("base64url", () => {
  test.prop([fc.uint8Array({ maxLength: 200 })])("is RFC 4648's without padding", (bytes) => {
    expect(toBase64Url(bytes)).toBe(Buffer.from(bytes).toString("base64url"));
    expect(parseBase64Url(toBase64Url(bytes))).toEqual(bytes);
  });

  test.prop([fc.string({ unit: fc.constantFrom(..."AQgw-_+/= é") })])("has one spelling a value", (text) => {
    try {
      expect(toBase64Url(parseBase64Url(text))).toBe(text);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
    }
  });

  test.each([
    ["A", "bad-text"],
    ["AB", "bad-value"],
    ["AAB", "bad-value"],
    ["AA==", "bad-text"],
    ["A+", "bad-text"],
    ["A/", "bad-text"],
  ])("%j is refused as %s", (text, code) => {
    expect(() => parseBase64Url(text)).toThrow(expect.objectContaining({ code }) as WireError);
  });
});

describe("a relay's address", () => {
  test.each([
    ["https://relay.example", "https://relay.example"],
    ["https://relay.example/", "https://relay.example"],
    ["https://RELAY.Example:443/", "https://relay.example"],
    ["https://relay.example:8443", "https://relay.example:8443"],
    ["https://bücher.example", "https://xn--bcher-kva.example"],
    ["http://localhost:8080", "http://localhost:8080"],
    ["http://127.0.0.1:8080", "http://127.0.0.1:8080"],
    ["http://[::1]:8080", "http://[::1]:8080"],
    ["http://abcdefghij.onion", "http://abcdefghij.onion"],
  ])("%s is %s", (text, url) => {
    expect(parseRelayUrl(text)).toBe(url);
    expect(parseRelayUrl(url)).toBe(url);
  });

  test.each([
    "http://relay.example",
    "http://127.0.0.1.evil.example",
    "http://localhost.evil.example",
    "http://evil.example/.onion",
    "http://192.168.0.1:8080",
    "ws://localhost",
    "ftp://relay.example",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "https://u:p@relay.example",
    "https://relay.example/path",
    "https://relay.example/?q",
    "https://relay.example/#f",
    "relay.example",
    "//relay.example",
    "",
  ])("%j is refused", (text) => {
    expect(() => parseRelayUrl(text)).toThrow(expect.objectContaining({ code: "bad-value" }) as WireError);
  });
});
