import { readFileSync } from "node:fs";
import {
  blobAnnouncement,
  commitDetails,
  conversationSettings,
  conversationState,
  decodeContent,
  deviceList,
  encodeContent,
  groupWelcome,
  guardList,
  guardReply,
  guardRequest,
  invite,
  joinRequest,
  joinRequestBody,
  joinState,
  messageDetails,
  parseInviteLink,
  replyFrame,
  requestFrame,
  signedDeviceList,
  toInviteLink,
  WireError,
  type Structure,
} from "@stonechat/protocol";
import { describe, expect, test } from "vitest";
import { toText, VECTOR_FILES, VECTOR_FOLDER } from "./vector-files.ts";
import { fromHex, toHex, toJson, type StructureVectors } from "./vector-file.ts";

const read = (name: string): string => readFileSync(new URL(name, VECTOR_FOLDER), "utf8");

test.each(Object.entries(VECTOR_FILES))("%s is what `node scripts/make-vectors.ts` writes", async (name, make) => {
  expect(read(name)).toBe(toText(await make()));
});

/** Every structure that has vectors, and the file that holds them. */
const STRUCTURES: Readonly<Record<string, readonly Structure<unknown>[]>> = {
  // Variance: the test only hands back what the same structure decoded.
  "client.json": [
    deviceList,
    signedDeviceList,
    invite,
    joinRequestBody,
    joinRequest,
    conversationSettings,
    commitDetails,
    messageDetails,
    conversationState,
    joinState,
    groupWelcome,
  ] as unknown as readonly Structure<unknown>[],
  "guards.json": [guardRequest, guardReply, guardList] as unknown as readonly Structure<unknown>[],
  "frames.json": [requestFrame, replyFrame, blobAnnouncement] as unknown as readonly Structure<unknown>[],
};

describe.each(Object.entries(STRUCTURES))("%s", (name, structures) => {
  const vectors = JSON.parse(read(name)) as StructureVectors;
  const byName = new Map(structures.map((structure) => [structure.name, structure]));
  const find = (structure: string): Structure<unknown> => {
    const found = byName.get(structure);
    if (found === undefined) throw new RangeError(`no structure ${structure}`);
    return found;
  };

  test.each(vectors.accepted)("$structure: $title", ({ structure, value, bytes }) => {
    const decoded = find(structure).decode(fromHex(bytes));
    expect(toJson(decoded)).toEqual(value);
    expect(toHex(find(structure).encode(decoded))).toBe(bytes);
  });

  test.each(vectors.refused)("$structure refuses $title", ({ structure, bytes, code }) => {
    let refusal: unknown;
    try {
      find(structure).decode(fromHex(bytes));
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(WireError);
    expect(refusal).toMatchObject({ code, structure });
  });

  test("names each vector once", () => {
    const titles = [...vectors.accepted, ...vectors.refused].map(({ structure, title }) => `${structure}: ${title}`);
    expect(new Set(titles).size).toBe(titles.length);
  });
});

test("flows.json: contents and the invite link come back from their bytes", () => {
  const flows = JSON.parse(read("flows.json")) as {
    readonly contents: readonly { readonly body: unknown; readonly bytes: string }[];
    readonly invite: { readonly invite: unknown; readonly link: string };
  };
  expect(flows.contents.length).toBeGreaterThan(12);
  for (const { body, bytes } of flows.contents) {
    const decoded = decodeContent(fromHex(bytes));
    expect(toJson(decoded.body)).toEqual(body);
    expect(toHex(encodeContent(decoded))).toBe(bytes);
  }
  const parsed = parseInviteLink(flows.invite.link);
  expect(toJson(parsed)).toEqual(flows.invite.invite);
  expect(toInviteLink(parsed)).toBe(flows.invite.link);
});
