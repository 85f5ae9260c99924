import { WireError } from "@stonechat/protocol";
import { groupOf } from "@stonechat/testkit/mls-party";
import { describe, expect, test } from "vitest";
import { insideOf } from "../testing/mls-inside.ts";
import { present, realStage } from "../testing/mls-stage.ts";
import { decodeEpoch, encodeEpoch } from "./epoch-row.ts";

describe("EpochRow", () => {
  test("gives back the epoch, to the same bytes, and refuses every other version, prefix and addition", async () => {
    const stage = await realStage();
    const party = present((await groupOf(stage, 3))[1]);
    const { epoch } = insideOf(party, stage.random);
    const row = encodeEpoch(epoch);
    expect(row).toEqual(party.stored.epoch);
    expect(encodeEpoch(decodeEpoch(row))).toEqual(row);
    for (const bytes of [
      Uint8Array.of(...row, 0),
      Uint8Array.of(2, ...row.subarray(1)),
      new Uint8Array(0),
      ...[1, 100, 500, row.length - 1].map((n) => row.subarray(0, n)),
    ]) {
      expect(() => decodeEpoch(bytes)).toThrow(WireError);
    }
  });

  test("V72 opens for its own device only, and with a version of its own epoch only", async () => {
    const stage = await realStage();
    const [ann, bea] = [...(await groupOf(stage, 2))] as const;
    const { stored } = present(ann);
    await expect(stage.mls.load(stored, present(bea).device)).rejects.toBeInstanceOf(RangeError);
    for (const version of [0, stored.version - 1, stored.version + 2 ** 24]) {
      await expect(stage.mls.load({ ...stored, version }, present(ann).device)).rejects.toBeInstanceOf(RangeError);
    }
  });

  test("V72 takes no step more than its epoch has versions for", async () => {
    const stage = await realStage();
    const ann = present((await groupOf(stage, 2))[0]);
    const last = await stage.mls.load({ ...ann.stored, version: 2 * 2 ** 24 - 2 }, ann.device);
    const { step } = await last.encrypt(new Uint8Array(1), new Uint8Array(0));
    expect(step.changes.version).toBe(2 * 2 ** 24 - 1);
    await expect(step.group.encrypt(new Uint8Array(1), new Uint8Array(0))).rejects.toBeInstanceOf(RangeError);
    expect(
      (await step.group.stageCommit({ add: [], remove: [], authenticatedData: new Uint8Array(0) })).step.changes
        .version,
    ).toBe(2 * 2 ** 24);
  });
});
