import { sha256 } from "@stonechat/crypto";
import type { TokenHash } from "@stonechat/protocol";
import { ClientWorld, type Person } from "@stonechat/testkit/client-world";
import { expect, test } from "vitest";
import { Attacker } from "../testing/attacker.ts";
import { alarmsOf, connectAll, makeGroup, noticesOf, textsOf } from "../testing/people.ts";
import { openEntry } from "./envelope.ts";

/** All messages' entries of the epoch that a member's keys open, as MLS messages. */
async function messagesIn(world: ClientWorld, { record }: Attacker): Promise<readonly Uint8Array[]> {
  const { logId, keys } = record;
  const readHash = sha256(keys.readToken) as TokenHash;
  const now = world.clock.now();
  const page = await world.store.read({ logId, readHash, from: 0, limit: 500, maxBytes: 1_000_000, now });
  if (page.type !== "page") throw new RangeError("the log cannot be read");
  return page.entries.flatMap(({ kind, body }) => openEntry(keys.entryKey, logId, kind, body) ?? []);
}

const missing = async (person: Person, conversation: string): Promise<number> =>
  (await noticesOf(person, conversation)).filter(({ type }) => type === "missing").length;

test(
  "what members said is not shown again when another member says it again, here, elsewhere or after a restart",
  { timeout: 60_000 },
  async () => {
    const world = new ClientWorld();
    const [ada, bea, eve] = [await world.join("Ada"), await world.join("Bea"), await world.join("Mallory")];
    await connectAll(world, ada, bea, eve);
    const group = await makeGroup(world, "Team", ada, bea, eve);
    const elsewhere = await makeGroup(world, "Other team", ada, bea, eve);
    for (const text of ["yes", "no"]) await ada.client.send(group, { text });
    await bea.client.send(group, { text: "why" });
    await world.settle(ada, bea, eve, ada, bea, eve);
    const said = (await textsOf(ada, group)).toSorted();
    expect(said).toEqual(["no", "why", "yes"]);

    const there = await Attacker.become(world, eve, elsewhere);
    const reopened = await world.open(eve.files);
    const here = await Attacker.become(world, reopened, group);
    const old = await messagesIn(world, here);
    expect(old.length).toBeGreaterThanOrEqual(3);
    for (const message of old) {
      await here.append(here.seal("message", message));
      await there.append(there.seal("message", message));
    }
    for (const { client } of [ada, bea]) await world.until(client.settle(5_000));
    await world.until(bea.client.close());
    const again = await world.open(bea.files);
    for (const message of old) await here.append(here.seal("message", message));
    for (const { client } of [ada, again]) await world.until(client.settle(5_000));
    for (const person of [ada, again]) {
      expect((await textsOf(person, group)).toSorted()).toEqual(said);
      expect(await textsOf(person, elsewhere)).toEqual([]);
      expect(await missing(person, elsewhere)).toBe(old.length);
      expect(await missing(person, group)).toBeGreaterThan(0);
      expect(alarmsOf(person)).toEqual([]);
      expect(person.failures).toEqual([]);
      expect((await person.client.conversation(group)).state).toBe("active");
    }
    await ada.client.send(elsewhere, { text: "still here" });
    for (const { client } of [ada, again]) await world.until(client.settle(5_000));
    expect(await textsOf(again, elsewhere)).toEqual(["still here"]);
  },
);
