import { expectRefusal } from "@stonechat/testkit/mls-contract";
import { groupOf, lifetimeAround, newMlsDevice, type MlsParty } from "@stonechat/testkit/mls-party";
import { Writer } from "@stonechat/protocol";
import { describe, expect, test } from "vitest";
import { insideOf, sealBody } from "../testing/mls-inside.ts";
import { LibraryMember } from "../testing/library-member.ts";
import { present, realStage, type RealStage } from "../testing/mls-stage.ts";
import type { MlsErrorCode } from "./contract.ts";
import { openSenderData } from "./message-protection.ts";
import { CONTENT_APPLICATION, MAX_MLS_MESSAGE_BYTES, privateMessageBytes } from "./wire/private-message.ts";

const TEXT = new TextEncoder().encode("hello");

interface Scene {
  readonly stage: RealStage;
  readonly ann: MlsParty;
  readonly bea: MlsParty;
  readonly carl: MlsParty;
}

async function scene(): Promise<Scene> {
  const stage = await realStage();
  const [ann, bea, carl] = (await groupOf(stage, 3)) as [MlsParty, MlsParty, MlsParty];
  return { stage, ann, bea, carl };
}

/** Refused, and the group as it was: it reads the next honest message without a gap. */
async function expectRefused({ ann, bea }: Scene, message: Uint8Array, code: MlsErrorCode): Promise<void> {
  const before = structuredClone(bea.stored);
  await expectRefusal(bea.group.receive(message), code);
  expect(bea.stored).toEqual(before);
  expect(await bea.receive(await ann.send(TEXT))).toMatchObject({ plaintext: TEXT, missed: 0 });
}

function body(plaintext: Uint8Array): Uint8Array {
  const w = new Writer();
  w.vector(plaintext, 1000);
  return w.finish();
}

describe("what is refused of a PrivateMessage", () => {
  test("V1 a message above the limit is refused before it is read", async () => {
    const all = await scene();
    await expectRefused(all, new Uint8Array(MAX_MLS_MESSAGE_BYTES + 1), "malformed");
  });

  test("V2 a message with a byte too many or too few is refused", async () => {
    const all = await scene();
    const message = sealBody(insideOf(all.carl, all.stage.random), CONTENT_APPLICATION, body(TEXT));
    for (const bytes of [Uint8Array.of(...message, 0), message.subarray(0, -1)])
      await expectRefused(all, bytes, "malformed");
  });

  test("V3, V4 another protocol version or wire format is refused, PublicMessages among them", async () => {
    const all = await scene();
    const message = await all.carl.send(TEXT);
    for (const [place, value] of [
      [1, 2],
      [0, 1],
      [3, 1],
      [3, 3],
      [3, 4],
      [3, 5],
    ] as const) {
      const changed = message.slice();
      changed[place] = value;
      await expectRefused(all, changed, "malformed");
    }
  });

  test("V6 encrypted sender data of another length is refused", async () => {
    const all = await scene();
    const decoded = privateMessageBytes.decode(await all.carl.send(TEXT));
    const w = new Writer();
    w.uint16(1);
    w.uint16(2);
    w.vector(decoded.groupId, 64);
    w.uint64(decoded.epoch);
    w.uint8(1);
    w.vector(decoded.authenticatedData, 64);
    w.vector(decoded.encryptedSenderData.subarray(1), 64);
    w.vector(decoded.ciphertext, 1000);
    await expectRefused(all, w.finish(), "malformed");
  });

  test("V10, V11 another group or epoch is refused", async () => {
    const all = await scene();
    const decoded = privateMessageBytes.decode(await all.carl.send(TEXT));
    const groupId = decoded.groupId.map((byte) => byte ^ 1);
    await expectRefused(all, privateMessageBytes.encode({ ...decoded, groupId }), "wrong-group");
    for (const epoch of [0n, decoded.epoch + 1n, 2n ** 64n - 1n]) {
      await expectRefused(all, privateMessageBytes.encode({ ...decoded, epoch }), "wrong-epoch");
    }
  });

  test("V12 a standalone proposal is refused", async () => {
    const stage = await realStage();
    const [ann, bea] = (await groupOf(stage, 2)) as [MlsParty, MlsParty];
    const device = newMlsDevice(stage.random);
    const own = await stage.mls.createKeyPackage(device, lifetimeAround(stage.clock.now));
    const staged = await ann.commit({ add: [own] });
    await bea.receive(staged.message);
    const bare = await LibraryMember.join(stage.suite, {
      welcome: present(staged.welcomes[0]),
      tree: staged.tree,
      keyPackage: own,
      device,
    });
    const proposal = await bare.propose({ proposalType: "remove", remove: { removed: 0 } });
    await expectRefused({ stage, ann, bea, carl: bea }, proposal, "refused-proposal");
  });

  test("V13 sender data that no member sealed is refused", async () => {
    const all = await scene();
    const decoded = privateMessageBytes.decode(await all.carl.send(TEXT));
    const encryptedSenderData = decoded.encryptedSenderData.map((byte, i) => (i === 0 ? byte ^ 1 : byte));
    await expectRefused(all, privateMessageBytes.encode({ ...decoded, encryptedSenderData }), "decrypt-failed");
  });

  test("V14 a message in our own name is refused, whoever made it (R072, R088)", async () => {
    const all = await scene();
    const forged = sealBody(insideOf(all.carl, all.stage.random), CONTENT_APPLICATION, body(TEXT), {
      leaf: all.bea.group.own.leaf,
    });
    await expectRefused(all, forged, "own-message");
    await expectRefused(all, await all.bea.send(TEXT), "own-message");
  });

  test("V15 a message in the name of a blank leaf is refused (R072)", async () => {
    const all = await scene();
    const inside = insideOf(all.carl, all.stage.random);
    await expectRefused(all, sealBody(inside, CONTENT_APPLICATION, body(TEXT), { leaf: 3 }), "bad-leaf");
  });

  test("V15 a message in the name of a leaf outside of the tree is refused (R072)", async () => {
    const all = await scene();
    const inside = insideOf(all.carl, all.stage.random);
    // Only its sender data matters: no key exists for such a leaf.
    const wide = {
      ...inside,
      secretTree: {
        leaves: 8,
        slots: [...inside.secretTree.slots, ...new Array<undefined>(16)].map((_, i) =>
          i === 14 ? { type: "secret" as const, secret: new Uint8Array(64) } : undefined,
        ),
      },
    };
    for (const leaf of [4, 7])
      await expectRefused(all, sealBody(wide, CONTENT_APPLICATION, body(TEXT), { leaf }), "bad-leaf");
  });

  test("V16 a generation that was used is refused (R077)", async () => {
    const all = await scene();
    const first = await all.carl.send(TEXT);
    await all.bea.receive(first);
    await expectRefused(all, first, "replayed");
    const inside = insideOf(all.carl, all.stage.random);
    await all.bea.receive(sealBody(inside, CONTENT_APPLICATION, body(TEXT), { generation: 5 }));
    await expectRefused(all, sealBody(inside, CONTENT_APPLICATION, body(TEXT), { generation: 4 }), "replayed");
  });

  test("V17 a generation more than 1,000 ahead is refused at once, up to 2^32 - 1 (R084)", async () => {
    const all = await scene();
    const inside = insideOf(all.carl, all.stage.random);
    const jump = sealBody(inside, CONTENT_APPLICATION, body(TEXT), { generation: 1000 });
    expect(await all.bea.receive(jump)).toMatchObject({ missed: 1000 });
    const ratchetAt = (generation: number): typeof inside => {
      const slots = inside.secretTree.slots.map((slot, i) =>
        i === 4 * 2
          ? { type: "ratchet" as const, generation: 0, secret: new Uint8Array(64) }
          : i === 4 * 2 + 1
            ? { type: "ratchet" as const, generation, secret: new Uint8Array(64) }
            : slot,
      );
      return { ...inside, secretTree: { ...inside.secretTree, slots } };
    };
    for (const generation of [2002, 2 ** 31, 2 ** 32 - 1]) {
      const forged = sealBody(ratchetAt(generation), CONTENT_APPLICATION, body(TEXT), { generation });
      const start = process.cpuUsage();
      await expectRefused(all, forged, "generation-too-far");
      expect(process.cpuUsage(start).user).toBeLessThan(500_000);
    }
  });

  test("V18 a changed ciphertext, or other authenticated data, is refused", async () => {
    const all = await scene();
    const decoded = privateMessageBytes.decode(await all.carl.send(TEXT, Uint8Array.of(1)));
    // The first bytes of the ciphertext key the sender data.
    const ciphertext = decoded.ciphertext.map((byte, i) => (i === 70 ? byte ^ 1 : byte));
    await expectRefused(all, privateMessageBytes.encode({ ...decoded, ciphertext }), "decrypt-failed");
    await expectRefused(
      all,
      privateMessageBytes.encode({ ...decoded, authenticatedData: Uint8Array.of(2) }),
      "decrypt-failed",
    );
    await expectRefused(
      all,
      privateMessageBytes.encode({ ...decoded, ciphertext: decoded.ciphertext.subarray(0, 15) }),
      "decrypt-failed",
    );
  });

  test("V19 bytes after the content are refused, also zeros: we pad elsewhere", async () => {
    const all = await scene();
    const inside = insideOf(all.carl, all.stage.random);
    for (const padding of [new Uint8Array(1), new Uint8Array(64), Uint8Array.of(1)]) {
      await expectRefused(all, sealBody(inside, CONTENT_APPLICATION, body(TEXT), { padding }), "malformed");
    }
  });

  test("V20 a message that its sender did not sign is refused, though a member sealed it (R072)", async () => {
    const all = await scene();
    const inside = insideOf(all.carl, all.stage.random);
    const signature = all.stage.random.bytes(64);
    await expectRefused(all, sealBody(inside, CONTENT_APPLICATION, body(TEXT), { signature }), "bad-signature");
    await expectRefused(
      all,
      sealBody(inside, CONTENT_APPLICATION, body(TEXT), { leaf: all.ann.group.own.leaf, generation: 1 }),
      "bad-signature",
    );
  });

  test("V70, R087 no two messages of a member ever use one key with one nonce", async () => {
    const all = await scene();
    const seen = new Set<string>();
    for (let i = 0; i < 200; i += 1) {
      const message = await all.ann.send(TEXT);
      if (i % 20 === 0) await all.ann.reload();
      expect(seen.has(String(message))).toBe(false);
      seen.add(String(message));
      expect(await all.bea.receive(message)).toMatchObject({ missed: 0 });
    }
  });

  test("V70, R087 two copies of one state seal under one key, and under nonces that differ", async () => {
    const { stage, ann, bea } = await scene();
    const { suite, epoch } = insideOf(bea, stage.random);
    const sealed = new Set<string>();
    for (let i = 0; i < 10; i += 1) {
      const copy = await stage.mls.load(ann.stored, ann.device);
      const { message } = await copy.encrypt(TEXT, new Uint8Array(0));
      const { generation, reuseGuard } = openSenderData(suite, epoch, privateMessageBytes.decode(message));
      expect(generation).toBe(0);
      sealed.add(String(reuseGuard));
    }
    expect(sealed.size).toBe(10);
  });
});
