import { WireError, type Structure } from "@stonechat/protocol";
import { createSeededFractions, type SeededFractions } from "@stonechat/testkit/seeded-fractions";
import { groupOf, lifetimeAround, newMlsDevice, type MlsParty } from "@stonechat/testkit/mls-party";
import { beforeAll, describe, expect, test } from "vitest";
import { commitBody, insideOf, renewedPath, sealBody, type Inside } from "../testing/mls-inside.ts";
import { present, realStage, type RealStage } from "../testing/mls-stage.ts";
import { sameBytes } from "./byte-equality.ts";
import { MlsError, type DeviceKeys, type OwnKeyPackage, type StagedCommit } from "./contract.ts";
import { CONTENT_APPLICATION, CONTENT_COMMIT, privateMessageBytes, type ContentType } from "./wire/private-message.ts";
import { keyPackageBytes } from "./wire/key-package.ts";
import { ratchetTreeBytes } from "./wire/ratchet-tree.ts";
import { welcomeBytes } from "./wire/welcome.ts";

interface World {
  readonly stage: RealStage;
  readonly bea: MlsParty;
  readonly inside: Inside;
  readonly device: DeviceKeys;
  readonly own: OwnKeyPackage;
  readonly staged: StagedCommit;
  readonly message: Uint8Array;
  readonly body: Uint8Array;
}

let world: World;
beforeAll(async () => {
  const stage = await realStage("fuzz");
  const [ann, bea, carl] = (await groupOf(stage, 3)) as [MlsParty, MlsParty, MlsParty];
  const device = newMlsDevice(stage.random);
  const own = await stage.mls.createKeyPackage(device, lifetimeAround(stage.clock.now));
  const inside = insideOf(carl, stage.random);
  const { path } = await renewedPath(inside);
  world = {
    stage,
    bea,
    inside,
    device,
    own,
    staged: await ann.stage({ add: [own] }),
    message: await ann.send(Uint8Array.of(1)),
    body: commitBody({ proposals: [{ type: "remove", removed: 0 }], path }),
  };
});

/** The bytes with one thing done to them: a flip, a cut, a doubling, a length that promises much, an insertion, noise. */
function damage(bytes: Uint8Array, fractions: SeededFractions): Uint8Array {
  const at = Math.floor(fractions() * (bytes.length + 1));
  const to = Math.min(bytes.length, at + Math.floor(fractions() * 40));
  const noise = Uint8Array.from({ length: Math.floor(fractions() * 8) }, () => Math.floor(fractions() * 256));
  const [before, piece, after] = [bytes.subarray(0, at), bytes.subarray(at, to), bytes.subarray(to)];
  switch (Math.floor(fractions() * 7)) {
    case 0:
      return bytes.map((byte, i) => (i === at ? byte ^ (1 << Math.floor(fractions() * 8)) : byte));
    case 1:
      return Uint8Array.of(...before, ...after);
    case 2:
      return Uint8Array.of(...before, ...piece, ...piece, ...after);
    case 3:
      return Uint8Array.of(...before, 0xbf, 0xff, 0xff, 0xff, ...bytes.subarray(at + 4));
    case 4:
      return Uint8Array.of(...before, ...noise, ...bytes.subarray(at));
    case 5:
      return Uint8Array.of(...before, ...noise);
    default:
      return Uint8Array.of(...noise, ...after);
  }
}

/** Runs bytes that are not the valid ones, and lets only {@link MlsError} out. @returns How many were taken. */
async function onlyMlsErrors(
  runs: number,
  seed: number,
  valid: Uint8Array,
  work: (bytes: Uint8Array) => unknown,
): Promise<number> {
  const fractions = createSeededFractions(seed);
  let taken = 0;
  for (let run = 0; run < runs; run += 1) {
    const bytes = damage(valid, fractions);
    if (sameBytes(bytes, valid)) continue;
    try {
      await work(bytes);
      taken += 1;
    } catch (error) {
      if (!(error instanceof MlsError)) throw new Error(`seed ${String(seed)}, run ${String(run)}`, { cause: error });
    }
  }
  return taken;
}

describe("hostile bytes", () => {
  test("a damaged message gives nothing but MlsError", async () => {
    const { bea, message } = world;
    expect(await onlyMlsErrors(3000, 1, message, (bytes) => bea.group.receive(bytes))).toBe(0);
  });

  // Each is signed, and its signature checked before anything else.
  test("a damaged commit that a member signed and sealed gives nothing but MlsError", { timeout: 60_000 }, async () => {
    const { bea, inside, body } = world;
    const seal =
      (type: ContentType) =>
      (bytes: Uint8Array): Promise<unknown> =>
        bea.group.receive(sealBody(inside, type, bytes));
    expect(await onlyMlsErrors(1500, 2, body, seal(CONTENT_COMMIT))).toBe(0);
    expect(await onlyMlsErrors(300, 3, body, seal(CONTENT_APPLICATION))).toBe(0);
  });

  test("a damaged KeyPackage gives nothing but MlsError", async () => {
    const { stage, own } = world;
    expect(await onlyMlsErrors(2000, 4, own.keyPackage, (bytes) => stage.mls.verifyKeyPackage(bytes))).toBe(0);
  });

  test("a damaged Welcome, and a damaged tree, give nothing but MlsError", async () => {
    const { stage, own, device, staged } = world;
    const input = { welcome: present(staged.welcomes[0]), tree: staged.tree, keyPackage: own, device };
    expect(await onlyMlsErrors(1000, 5, input.welcome, (welcome) => stage.mls.join({ ...input, welcome }))).toBe(0);
    expect(await onlyMlsErrors(300, 6, input.tree, (tree) => stage.mls.join({ ...input, tree }))).toBe(0);
    expect(await onlyMlsErrors(2000, 7, input.welcome, (welcome) => stage.mls.welcomeRefs(welcome))).toBeLessThan(2000);
  });

  test("V2 what a decoder takes is exactly what its encoder writes", () => {
    const { staged, own, message } = world;
    const cases: readonly (readonly [Structure<never>, Uint8Array])[] = [
      [keyPackageBytes, own.keyPackage],
      [welcomeBytes, present(staged.welcomes[0])],
      [ratchetTreeBytes, staged.tree],
      [privateMessageBytes, message],
    ] as unknown as readonly (readonly [Structure<never>, Uint8Array])[];
    for (const [structure, valid] of cases) {
      const fractions = createSeededFractions(8);
      expect(structure.encode(structure.decode(valid))).toEqual(valid);
      for (let run = 0; run < 2000; run += 1) {
        const bytes = damage(valid, fractions);
        try {
          expect(structure.encode(structure.decode(bytes))).toEqual(bytes);
        } catch (error) {
          if (!(error instanceof WireError) && !(error instanceof MlsError)) throw error;
        }
      }
    }
  });

  test("a length that promises 2^30 - 1 bytes costs next to nothing", async () => {
    const { stage, own } = world;
    const start = process.cpuUsage();
    for (let at = 0; at < own.keyPackage.length; at += 50) {
      const bytes = Uint8Array.of(...own.keyPackage.subarray(0, at), 0xbf, 0xff, 0xff, 0xff);
      await expect(stage.mls.verifyKeyPackage(bytes)).rejects.toBeInstanceOf(MlsError);
    }
    const { user, system } = process.cpuUsage(start);
    expect(user + system).toBeLessThan(1_000_000);
  });
});
