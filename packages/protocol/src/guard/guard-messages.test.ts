import { fc, test } from "@fast-check/vitest";
import { describeStructure } from "@stonechat/testkit/describe-structure";
import {
  guardLists,
  guardOperations,
  guardReplies,
  guardRequests,
  guardSignedValues,
} from "@stonechat/testkit/guard-arbitraries";
import { describe, expect } from "vitest";
import { structure } from "../codec/codec.ts";
import { WireError } from "../codec/wire-error.ts";
import { decodeFixedSize, encodeFixedSize } from "./fixed-size.ts";
import {
  GUARD_REQUEST_BYTES,
  guardList,
  guardOperation,
  guardReply,
  guardRequest,
  guardSigned,
  sealedGuardRequest,
} from "./guard-messages.ts";

const EFFORT = { runs: 20, noiseRuns: 2500 };

describeStructure("GuardOperation", structure("GuardOperation", 900, guardOperation), guardOperations, EFFORT);
describeStructure("GuardRequest", guardRequest, guardRequests, EFFORT);
describeStructure("GuardSigned", guardSigned, guardSignedValues, EFFORT);
describeStructure("GuardReply", guardReply, guardReplies, EFFORT);
describeStructure("GuardList", guardList, guardLists, { runs: 10, noiseRuns: 1000 });
describeStructure(
  "SealedGuardRequest",
  sealedGuardRequest,
  fc.integer({ min: 0, max: 4000 }).map((length) => ({ sealed: new Uint8Array(length).fill(length) })),
  { runs: 10, noiseRuns: 1000 },
);

describe("a structure of fixed size", () => {
  const codeOf = (bytes: Uint8Array): string => {
    try {
      decodeFixedSize(guardRequest, bytes);
      return "accepted";
    } catch (error) {
      if (error instanceof WireError) return error.code;
      throw error;
    }
  };

  test.prop([guardRequests])("has the size of the longest and gives the value back", (request) => {
    const bytes = encodeFixedSize(guardRequest, request);
    expect(bytes.length).toBe(GUARD_REQUEST_BYTES);
    expect(decodeFixedSize(guardRequest, bytes)).toEqual(request);
  });

  test.prop([guardRequests, fc.nat(), fc.integer({ min: 1, max: 255 })])(
    "refuses anything but zeros behind the value",
    (request, place, byte) => {
      const length = guardRequest.encode(request).length;
      const bytes = encodeFixedSize(guardRequest, request);
      bytes[length + (place % (bytes.length - length))] = byte;
      expect(codeOf(bytes)).toBe("trailing-bytes");
    },
  );

  test.prop([guardRequests, fc.integer({ min: 0, max: GUARD_REQUEST_BYTES - 1 })])(
    "refuses every other size",
    (request, length) => {
      const bytes = encodeFixedSize(guardRequest, request);
      expect(codeOf(bytes.subarray(0, length))).toBe("truncated");
      expect(codeOf(Uint8Array.of(...bytes, 0))).toBe("too-long");
    },
  );

  test.prop([fc.uint8Array({ minLength: GUARD_REQUEST_BYTES, maxLength: GUARD_REQUEST_BYTES, size: "max" })])(
    "answers noise with a WireError",
    (noise) => {
      expect(codeOf(noise)).not.toBe("accepted");
    },
  );
});
