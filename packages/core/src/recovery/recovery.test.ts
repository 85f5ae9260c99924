import { ClientWorld, WORLD_URL, type Person } from "@stonechat/testkit/client-world";
import { expect, test } from "vitest";
import type { RecoveryKitView, RestoreInput, RestoreView } from "../client-api.ts";
import { alarmsOf, idOf, makeGroup, membersOf, noticesOf, textsOf } from "../testing/people.ts";

const DAY_MS = 86_400_000;

async function restore(
  world: ClientWorld,
  kit: RecoveryKitView,
  more: Partial<RestoreInput> = {},
): Promise<{ readonly person: Person; readonly view: RestoreView }> {
  const person = await world.open();
  const input = { kit: kit.words.join(" "), relayUrl: kit.relayUrl, deviceName: "new phone", ...more };
  return { person, view: await world.until(person.client.restoreFromKit(input)) };
}

async function conversationWith(person: Person, other: Person): Promise<string> {
  return (await person.client.contact(await idOf(other))).conversationId;
}

/** Ada with a kit, and Bea, who are contacts and have talked. */
async function kitWorld(): Promise<{
  world: ClientWorld;
  ada: Person;
  bea: Person;
  old: string;
  kit: RecoveryKitView;
}> {
  const world = new ClientWorld();
  const ada = await world.join("Ada");
  const bea = await world.join("Bea");
  const old = await world.connect(ada, bea);
  await ada.client.send(old, { text: "before" });
  await world.settle(ada, bea);
  const kit = await world.until(ada.client.recoveryKit());
  return { world, ada, bea, old, kit };
}

test("a restored device has the identity, name and contacts, and both sides talk again", async () => {
  const { world, ada, bea, kit } = await kitWorld();
  const id = await idOf(ada);
  await ada.client.close();
  const { person: again, view } = await restore(world, kit);
  expect(view).toMatchObject({ file: "found", contacts: 1, groups: 0, account: { id, name: "Ada" } });
  await world.settle(again, bea, again);
  const mine = await conversationWith(again, bea);
  const hers = (await bea.client.contact(id)).conversationId;
  expect(hers).toBe(mine);
  await again.client.send(mine, { text: "I am back" });
  await world.settle(again, bea);
  await bea.client.send(hers, { text: "good" });
  await world.settle(bea, again);
  expect(await textsOf(again, mine)).toEqual(["I am back", "good"]);
  expect(await textsOf(bea, hers)).toEqual(["before", "I am back", "good"]);
  expect(again.failures).toEqual([]);
  expect(bea.failures).toEqual([]);
});

test("the contact is told that the set of devices changed, and keeps one conversation", async () => {
  const { world, ada, bea, kit } = await kitWorld();
  const id = await idOf(ada);
  await ada.client.close();
  const { person: again } = await restore(world, kit);
  await world.settle(again, bea, again);
  const contact = await bea.client.contact(id);
  expect(contact).toMatchObject({ devicesChanged: true, deviceCount: 1 });
  expect(await noticesOf(bea, contact.conversationId)).toContainEqual({ type: "devices-changed", names: ["Ada"] });
  expect((await bea.client.conversations()).filter(({ kind }) => kind === "direct")).toHaveLength(1);
});

test("a verified contact writes to the new device only after looking at the change", async () => {
  const { world, ada, bea, old, kit } = await kitWorld();
  const id = await idOf(ada);
  await bea.client.setVerified(id, true);
  await ada.client.close();
  world.cut();
  await bea.client.send(old, { text: "for the old device" });
  world.reachable = true;
  const { person: again } = await restore(world, kit);
  await world.settle(again, bea, again);
  const { conversationId } = await bea.client.contact(id);
  await expect(bea.client.send(conversationId, { text: "x" })).rejects.toMatchObject({ code: "unverified" });
  await bea.client.acknowledgeDevices(id);
  await bea.client.send(conversationId, { text: "now I know" });
  await world.settle(bea, again);
  expect(await textsOf(again, conversationId)).not.toContain("x");
  expect(await textsOf(again, conversationId)).toContain("now I know");
  expect(await textsOf(again, conversationId)).not.toContain("for the old device");
});

test("the lost device reads nothing that comes after, and says that it was removed", async () => {
  const { world, ada, bea, old, kit } = await kitWorld();
  const id = await idOf(ada);
  const { person: again } = await restore(world, kit);
  await world.settle(again, bea, again, ada);
  const { conversationId } = await bea.client.contact(id);
  await bea.client.send(conversationId, { text: "only for the new one" });
  await world.settle(bea, again, ada);
  expect(await textsOf(again, conversationId)).toEqual(["only for the new one"]);
  expect(await textsOf(ada, old)).toEqual(["before"]);
  expect(await ada.client.account()).toMatchObject({ removed: true });
  await expect(ada.client.send(old, { text: "still here" })).rejects.toMatchObject({ code: "conversation-closed" });
  expect((await again.client.account())?.removed).toBeUndefined();
});

test("what went to the lost device stays with its author, as not delivered, and does not come to the new one", async () => {
  const { world, ada, bea, old, kit } = await kitWorld();
  await ada.client.close();
  const { id } = await bea.client.send(old, { text: "to nobody" });
  await world.settle(bea);
  const { person: again } = await restore(world, kit);
  await world.settle(again, bea, again, bea, again);
  const mine = await conversationWith(again, bea);
  expect(await textsOf(bea, mine)).toEqual(["before", "to nobody"]);
  expect((await bea.client.message(mine, id)).state).toBe("sent");
  expect(await textsOf(again, mine)).toEqual([]);
});

test("labels, verification, blocks and timers come back", async () => {
  const { world, ada, bea, kit } = await kitWorld();
  const cem = await world.join("Cem");
  await world.connect(ada, cem);
  await ada.client.renameContact(await idOf(bea), "Bea from work");
  await ada.client.setVerified(await idOf(bea), true);
  await ada.client.setBlocked(await idOf(cem), true);
  await world.settle(ada, bea, cem);
  await ada.client.close();
  const { person: again, view } = await restore(world, kit);
  await world.settle(again, bea, cem);
  expect(view.contacts).toBe(1);
  expect(await again.client.contacts()).toMatchObject([
    { name: "Bea from work", verified: true, blocked: false, devicesChanged: false },
    { name: "Cem", verified: false, blocked: true },
  ]);
});

test("an admin adds the new device to the group and removes the lost one without asking twice", async () => {
  const world = new ClientWorld();
  const ada = await world.join("Ada");
  const bea = await world.join("Bea");
  const cem = await world.join("Cem");
  await world.connect(ada, bea);
  await world.connect(bea, cem);
  const group = await makeGroup(world, "Harbour", bea, ada, cem);
  const kit = await world.until(ada.client.recoveryKit());
  const { person: again, view } = await restore(world, kit);
  expect(view.groups).toBe(1);
  await world.settle(again, bea, again, bea, again, bea, again, cem, ada);
  expect(await membersOf(again, group)).toEqual(["Ada", "Bea*", "Cem"]);
  await again.client.send(group, { text: "hello again" });
  await world.settle(again, bea, cem, ada);
  expect(await textsOf(cem, group)).toEqual(["hello again"]);
  expect(await textsOf(ada, group)).toEqual([]);
});

test("the words alone restore the identity when the relay has lost the file, and the app says so", async () => {
  const { world, ada, kit } = await kitWorld();
  const id = await idOf(ada);
  await ada.client.close();
  world.clock.advance(31 * DAY_MS);
  const { view, person } = await restore(world, kit, { name: "Ada" });
  expect(view).toMatchObject({ file: "missing", contacts: 0, groups: 0, account: { id } });
  expect(await person.client.contacts()).toEqual([]);
});

test("the QR code continues the chain of device lists even without the file, so that contacts take the invite of who came back", async () => {
  const { world, ada, bea, kit } = await kitWorld();
  const id = await idOf(ada);
  await ada.client.revokeRecoveryKit();
  await ada.client.close();
  const { person: again } = await restore(world, kit, { kit: kit.qr, name: "Ada" });
  const invite = await world.until(bea.client.createInvite({ reusable: false, expiresInMs: 3_600_000 }));
  await world.until(again.client.acceptInvite(invite.link));
  await world.settle(again, bea);
  const [request] = await bea.client.requests();
  expect(request).toMatchObject({ type: "contact", accountId: id });
});

test("a revoked kit restores nothing from the relay", async () => {
  const { world, ada, kit } = await kitWorld();
  await world.until(ada.client.revokeRecoveryKit());
  expect(await ada.client.recoveryKitMadeAt()).toBeUndefined();
  await world.settle(ada);
  const { view } = await restore(world, kit, { name: "Ada" });
  expect(view).toMatchObject({ file: "missing", contacts: 0 });
});

test("a kit restores its own account and no other", async () => {
  const { world, ada, bea, kit } = await kitWorld();
  const other = await world.until(bea.client.recoveryKit());
  expect(other.words).not.toEqual(kit.words);
  const { view } = await restore(world, other);
  expect(view.account.id).toBe(await idOf(bea));
  expect(view.account.id).not.toBe(await idOf(ada));
});

test("words that are wrong, too few, or without a relay are refused, and nothing is kept", async () => {
  const { world, kit } = await kitWorld();
  const person = await world.open();
  const attempt = (kitText: string, relayUrl?: string): Promise<unknown> =>
    world.until(
      person.client.restoreFromKit({
        kit: kitText,
        deviceName: "x",
        ...(relayUrl === undefined ? {} : { relayUrl }),
      }),
    );
  const [first = "", second = "", ...rest] = kit.words;
  await expect(attempt([second, first, ...rest].join(" "), WORLD_URL)).rejects.toMatchObject({ code: "bad-kit" });
  await expect(attempt([first, ...rest].join(" "), WORLD_URL)).rejects.toMatchObject({ code: "bad-kit" });
  await expect(attempt("STONECHAT-KIT:AAAA")).rejects.toMatchObject({ code: "bad-kit" });
  await expect(attempt(kit.words.join(" "))).rejects.toMatchObject({ code: "relay-unknown" });
  expect(await person.client.account()).toBeUndefined();
});

test("the same words are printed each time", async () => {
  const { world, ada, kit } = await kitWorld();
  world.clock.advance(DAY_MS);
  const again = await world.until(ada.client.recoveryKit());
  expect(again.words).toEqual(kit.words);
  expect(again.words).toHaveLength(25);
  expect(await ada.client.recoveryKitMadeAt()).toBe(again.madeAt);
});

test("contacts made after the kit was printed are in its file", async () => {
  const { world, ada, kit } = await kitWorld();
  const cem = await world.join("Cem");
  await world.connect(ada, cem);
  await world.settle(ada, cem, ada);
  await ada.client.close();
  const { view } = await restore(world, kit);
  expect(view.contacts).toBe(2);
});

test("a device can be replaced twice, and the contact still follows", async () => {
  const { world, ada, bea, kit } = await kitWorld();
  const id = await idOf(ada);
  await ada.client.close();
  const { person: second } = await restore(world, kit);
  await world.settle(second, bea, second);
  await second.client.close();
  const { person: third } = await restore(world, kit);
  await world.settle(third, bea, third);
  const { conversationId } = await bea.client.contact(id);
  await third.client.send(conversationId, { text: "third" });
  await world.settle(third, bea);
  expect(await textsOf(bea, conversationId)).toEqual(["before", "third"]);
  expect(alarmsOf(bea)).toEqual([]);
});
