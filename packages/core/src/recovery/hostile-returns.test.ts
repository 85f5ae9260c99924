import { requestFrame, toHex, type EntryId, type LogId, type Token } from "@stonechat/protocol";
import { ClientWorld, type Person } from "@stonechat/testkit/client-world";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { expect, test } from "vitest";
import type { RecoveryKitView } from "../client-api.ts";
import type { Transport } from "../ports/transport.ts";
import { askRelay } from "../testing/ask-relay.ts";
import { idOf, textsOf } from "../testing/people.ts";
import { parseKit } from "./kit-code.ts";
import { deriveReturnLog } from "./kit-secrets.ts";

interface Appended {
  readonly logId: LogId;
  readonly appendToken: Token;
  readonly body: Uint8Array;
}

/** A network that keeps all that is appended to logs. */
function recording(world: ClientWorld, kept: Appended[]): Transport {
  const plain = world.transport();
  return {
    canReach: (url) => plain.canReach(url),
    openSocket(url, events) {
      const socket = plain.openSocket(url, events);
      return {
        send(frame) {
          const { request } = requestFrame.decode(frame);
          if (request.type === "append") kept.push(request);
          socket.send(frame);
        },
        close: () => {
          socket.close();
        },
      };
    },
  };
}

async function restored(world: ClientWorld, kit: RecoveryKitView, kept: Appended[] = []): Promise<Person> {
  const person = await world.open(undefined, { transport: recording(world, kept) });
  await world.until(person.client.restoreFromKit({ kit: kit.qr, deviceName: "new" }));
  return person;
}

/** What of it went to the return log of whoever has this kit. */
function toReturnLog(kept: readonly Appended[], kit: RecoveryKitView): readonly Appended[] {
  const { logId } = deriveReturnLog(parseKit(kit.qr).seed);
  return kept.filter((entry) => toHex(entry.logId) === toHex(logId));
}

async function put(
  world: ClientWorld,
  { logId, appendToken }: Appended,
  body: Uint8Array,
  seed: string,
): Promise<void> {
  const entryId = repeatableRandom(seed).bytes(16) as EntryId;
  const request = { type: "append", logId, appendToken, entryId, ttlSeconds: 3600, body } as const;
  expect((await askRelay(world, request)).type).toBe("appended");
}

test("a Welcome of an earlier restore, put there again by the relay, does not lead back", async () => {
  const world = new ClientWorld();
  const ada = await world.join("Ada");
  const bea = await world.join("Bea");
  await world.connect(ada, bea);
  const kit = await world.until(ada.client.recoveryKit());
  const hers = await world.until(bea.client.recoveryKit());
  await ada.client.close();
  const kept: Appended[] = [];
  const second = await restored(world, kit, kept);
  await world.settle(second, bea, second);
  await second.client.close();
  const third = await restored(world, kit);
  await world.settle(third, bea, third);
  const { conversationId } = await bea.client.contact(kit.accountId);
  const [old] = toReturnLog(kept, hers);
  if (old === undefined) throw new RangeError("nothing was sent");
  await put(world, old, old.body, "again");
  await world.settle(third, bea, third);
  expect((await bea.client.contact(kit.accountId)).conversationId).toBe(conversationId);
  await third.client.send(conversationId, { text: "still here" });
  await world.settle(third, bea);
  expect(await textsOf(bea, conversationId)).toEqual(["still here"]);
  expect(bea.failures).toEqual([]);
});

test("noise, and what one contact sealed for another, changes nothing and stops nothing", async () => {
  const world = new ClientWorld();
  const ada = await world.join("Ada");
  const bea = await world.join("Bea");
  const cem = await world.join("Cem");
  await world.connect(ada, bea);
  await world.connect(ada, cem);
  const [adas, beas, cems] = [
    await world.until(ada.client.recoveryKit()),
    await world.until(bea.client.recoveryKit()),
    await world.until(cem.client.recoveryKit()),
  ];
  const before = (await bea.client.contact(adas.accountId)).conversationId;
  await ada.client.close();
  const kept: Appended[] = [];
  const again = await restored(world, adas, kept);
  await world.settle(again);
  const [mine] = toReturnLog(kept, beas);
  const [other] = toReturnLog(kept, cems);
  if (mine === undefined || other === undefined) throw new RangeError("nothing was sent");
  await put(world, mine, Uint8Array.of(1, 2, 3), "noise");
  await put(world, mine, other.body, "for Cem");
  await world.settle(again, bea, cem, again);
  const after = (await bea.client.contact(adas.accountId)).conversationId;
  expect(after).not.toBe(before);
  await again.client.send(after, { text: "hello" });
  await world.settle(again, bea);
  expect(await textsOf(bea, after)).toEqual(["hello"]);
  expect(bea.failures).toEqual([]);
});

test("whoever is blocked does not come back by the return log", async () => {
  const world = new ClientWorld();
  const ada = await world.join("Ada");
  const bea = await world.join("Bea");
  await world.connect(ada, bea);
  const kit = await world.until(ada.client.recoveryKit());
  const id = await idOf(ada);
  await bea.client.setBlocked(id, true);
  const before = (await bea.client.contact(id)).conversationId;
  await ada.client.close();
  const again = await restored(world, kit);
  await world.settle(again, bea, again);
  expect(await bea.client.contact(id)).toMatchObject({ conversationId: before, devicesChanged: false });
});
