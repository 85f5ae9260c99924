import type { DeviceKey } from "@stonechat/protocol";
import { ClientWorld } from "@stonechat/testkit/client-world";
import { expect, test } from "vitest";
import { checkChain, signNextList } from "../identity/device-lists.ts";
import { Attacker } from "../testing/attacker.ts";
import { eventsOf, idOf, lastMessageOf, requestOf, textsOf } from "../testing/people.ts";

const HOUR = 3_600_000;

test("a one-time invite works once: the second who uses it gets nothing", async () => {
  const world = new ClientWorld();
  const [ada, bea, eve] = [await world.join("Ada"), await world.join("Bea"), await world.join("Eve")];
  const { id, link } = await world.until(ada.client.createInvite({ reusable: false, expiresInMs: HOUR }));
  await world.until(bea.client.acceptInvite(link));
  await world.settle(bea, ada);
  expect((await ada.client.requests()).map((request) => request.type === "contact" && request.name)).toEqual(["Bea"]);
  expect((await ada.client.invites()).find((invite) => invite.id === id)?.state).toBe("used");
  await world.until(eve.client.acceptInvite(link).catch(() => undefined));
  await world.settle(eve, ada, eve);
  expect((await ada.client.requests()).length).toBe(1);
  expect(await eve.client.contacts()).toEqual([]);
});

test("a revoked or expired invite brings nobody in", async () => {
  const world = new ClientWorld();
  const [ada, eve] = [await world.join("Ada"), await world.join("Eve")];
  const revoked = await world.until(ada.client.createInvite({ reusable: true, expiresInMs: HOUR }));
  const expiring = await world.until(ada.client.createInvite({ reusable: true, expiresInMs: HOUR }));
  await world.until(ada.client.revokeInvite(revoked.id));
  await world.until(eve.client.acceptInvite(revoked.link).catch(() => undefined));
  await world.settle(eve, ada);
  world.clock.advance(HOUR);
  expect((await eve.client.previewLink(expiring.link)).type).toBe("expired");
  await expect(eve.client.acceptInvite(expiring.link)).rejects.toMatchObject({ code: "link-expired" });
  await world.settle(eve, ada);
  expect(await ada.client.requests()).toEqual([]);
  const states = (await ada.client.invites()).map(({ state }) => state);
  expect(states.toSorted()).toEqual(["expired", "revoked"]);
});

test("a reusable invite brings in three people, each by a decision of its own", async () => {
  const world = new ClientWorld();
  const ada = await world.join("Ada");
  const { link } = await world.until(ada.client.createInvite({ reusable: true, expiresInMs: HOUR }));
  for (const name of ["Bea", "Cy", "Di"]) {
    const person = await world.join(name);
    await world.until(person.client.acceptInvite(link));
    await world.settle(person, ada);
    await world.until(ada.client.acceptRequest((await requestOf(ada)).id));
    await world.settle(ada, person);
    expect((await person.client.contacts()).map((contact) => contact.name)).toEqual(["Ada"]);
  }
  expect((await ada.client.contacts()).map(({ name }) => name)).toEqual(["Bea", "Cy", "Di"]);
});

test("a stranger who is declined hears nothing, and nothing was sent to them", async () => {
  const world = new ClientWorld();
  const [ada, eve] = [await world.join("Ada"), await world.join("Eve")];
  const { link } = await world.until(ada.client.createInvite({ reusable: false, expiresInMs: HOUR }));
  await world.until(eve.client.acceptInvite(link));
  await world.settle(eve, ada);
  await world.until(ada.client.declineRequest((await requestOf(ada)).id));
  await world.settle(ada, eve, ada);
  expect(await ada.client.requests()).toEqual([]);
  expect([await ada.client.contacts(), await eve.client.contacts()]).toEqual([[], []]);
  expect((await eve.client.requests()).map(({ type }) => type)).toEqual(["sent"]);
});

test("one's own link, a contact's link and other text are told apart before anything is sent", async () => {
  const world = new ClientWorld();
  const [ada, bea] = [await world.join("Ada"), await world.join("Bea")];
  const { link } = await world.until(ada.client.createInvite({ reusable: true, expiresInMs: HOUR }));
  expect((await ada.client.previewLink(link)).type).toBe("own");
  await expect(ada.client.acceptInvite(link)).rejects.toMatchObject({ code: "bad-link" });
  await world.connect(ada, bea);
  expect((await bea.client.previewLink(link)).type).toBe("known");
  await expect(bea.client.acceptInvite(link)).rejects.toMatchObject({ code: "already-known" });
  const [contact] = await bea.client.contacts();
  for (const text of [contact?.safetyQr ?? "", contact?.safetyNumber ?? "", "https://example.org/#i/x"]) {
    expect((await bea.client.previewLink(text)).type).toBe("not-an-invite");
    await expect(bea.client.acceptInvite(text)).rejects.toMatchObject({ code: "bad-link" });
  }
});

test("a stranger with a contact's name, written otherwise, is shown as a look-alike", async () => {
  const world = new ClientWorld();
  const [ada, bea] = [await world.join("Ada"), await world.join("Bea Silva")];
  await world.connect(ada, bea);
  const eve = await world.join("Веa S\u200Bilva".replace("В", "B"));
  const { link } = await world.until(ada.client.createInvite({ reusable: false, expiresInMs: HOUR }));
  await world.until(eve.client.acceptInvite(link));
  await world.settle(eve, ada);
  expect(await requestOf(ada)).toMatchObject({ type: "contact", looksLike: "Bea Silva" });
});

test("who is blocked is not written to, gets no receipts, and cannot add to a group", async () => {
  const world = new ClientWorld();
  const [ada, bea] = [await world.join("Ada"), await world.join("Bea")];
  const conversation = await world.connect(ada, bea);
  const beaId = await idOf(bea);
  await ada.client.setBlocked(beaId, true);
  expect((await ada.client.conversation(conversation)).state).toBe("blocked");
  await expect(ada.client.send(conversation, { text: "x" })).rejects.toMatchObject({ code: "blocked" });
  await expect(ada.client.createGroup({ name: "x", contactIds: [beaId] })).rejects.toMatchObject({ code: "blocked" });

  const sent = await bea.client.send(conversation, { text: "hear me" });
  await bea.client.createGroup({ name: "Trap", contactIds: [await idOf(ada)] });
  await world.settle(bea, ada, bea);
  world.clock.advance(10_000);
  await world.settle(ada, bea);
  expect((await bea.client.message(conversation, sent.id)).state).toBe("sent");
  expect(await ada.client.requests()).toEqual([]);
  await ada.client.setBlocked(beaId, false);
  await ada.client.send(conversation, { text: "again" });
  await world.settle(ada, bea);
  expect((await lastMessageOf(bea, conversation)).body).toEqual({ type: "text", text: "again" });
});

test("scanning the other's code verifies; another code does not", async () => {
  const world = new ClientWorld();
  const [ada, bea] = [await world.join("Ada"), await world.join("Bea")];
  await world.connect(ada, bea);
  const [beaAtAda, adaAtBea] = [await ada.client.contacts(), await bea.client.contacts()].map(([contact]) => contact);
  if (beaAtAda === undefined || adaAtBea === undefined) throw new RangeError("not connected");
  expect(beaAtAda.safetyNumber).toBe(adaAtBea.safetyNumber);
  expect(await ada.client.verifyByQr(beaAtAda.id, beaAtAda.safetyQr)).toBe("mismatch");
  expect(await ada.client.verifyByQr(beaAtAda.id, beaAtAda.safetyNumber)).toBe("not-a-code");
  expect((await ada.client.contact(beaAtAda.id)).verified).toBe(false);
  expect(await ada.client.verifyByQr(beaAtAda.id, adaAtBea.safetyQr)).toBe("verified");
  expect((await ada.client.contact(beaAtAda.id)).verified).toBe(true);
  expect((await bea.client.contact(adaAtBea.id)).verified).toBe(false);
});

test("a new name reaches every contact, and my label for somebody stays", async () => {
  const world = new ClientWorld();
  const [ada, bea, cy] = [await world.join("Ada"), await world.join("Bea"), await world.join("Cy")];
  await world.connect(ada, bea);
  await world.connect(ada, cy);
  await cy.client.renameContact(await idOf(ada), "Auntie");
  await ada.client.setName("Ada L.");
  await world.settle(ada, bea, cy);
  expect(await bea.client.contact(await idOf(ada))).toMatchObject({ name: "Ada L.", profileName: "Ada L." });
  expect(await cy.client.contact(await idOf(ada))).toMatchObject({ name: "Auntie", profileName: "Ada L." });
  for (const name of ["", "  ", "\u2028"])
    await expect(ada.client.setName(name)).rejects.toMatchObject({ code: "empty" });
  await expect(ada.client.setName("x".repeat(129))).rejects.toMatchObject({ code: "too-long" });
});

test("a read receipt is sent only while the setting says so", async () => {
  const world = new ClientWorld();
  const [ada, bea] = [await world.join("Ada"), await world.join("Bea")];
  const conversation = await world.connect(ada, bea);
  await bea.client.setSettings({ readReceipts: false });
  const first = await ada.client.send(conversation, { text: "one" });
  await world.settle(ada, bea);
  await bea.client.markRead(conversation, first.id);
  await world.settle(bea, ada);
  expect((await ada.client.message(conversation, first.id)).state).toBe("delivered");
  await bea.client.setSettings({ readReceipts: true });
  const second = await ada.client.send(conversation, { text: "two" });
  await world.settle(ada, bea);
  await bea.client.markRead(conversation, second.id);
  await world.settle(bea, ada);
  expect((await ada.client.message(conversation, second.id)).state).toBe("read");
  expect((await ada.client.message(conversation, first.id)).state).toBe("delivered");
  expect(eventsOf(ada, "receipt").length).toBeGreaterThan(0);
  expect(await textsOf(bea, conversation)).toEqual(["one", "two"]);
});

test("a verified contact whose devices changed is not written to before the change was looked at", async () => {
  const world = new ClientWorld();
  const [ada, bea] = [await world.join("Ada"), await world.join("Bea")];
  const conversation = await world.connect(ada, bea);
  const [contact] = await ada.client.contacts();
  const beaId = await idOf(bea);
  await ada.client.setVerified(beaId, true);
  // Bea adds a device by a program of hers: this one cannot yet.
  const program = await Attacker.become(world, bea, conversation);
  const { identityKey, identityPrivateKey, deviceKey } = program.account;
  const now = world.clock.now();
  const identity = { publicKey: identityKey, privateKey: identityPrivateKey };
  const [first] = checkChain(identityKey, undefined, [program.ownList], () => undefined, now);
  const next = signNextList(identity, [deviceKey, new Uint8Array(32).fill(7) as DeviceKey], first, now);
  expect(await program.commit({ add: [], remove: [] }, { deviceLists: [next.signed] })).toMatchObject({
    type: "appended",
  });
  await world.until(ada.client.settle(5_000));

  expect(await ada.client.contact(beaId)).toMatchObject({ devicesChanged: true, verified: true, deviceCount: 2 });
  await expect(ada.client.send(conversation, { text: "x" })).rejects.toMatchObject({ code: "unverified" });
  await expect(ada.client.react(conversation, "00".repeat(16), "x", false)).rejects.toMatchObject({
    code: "unverified",
  });
  await ada.client.acknowledgeDevices(beaId);
  expect((await ada.client.contact(beaId)).devicesChanged).toBe(false);
  expect((await ada.client.send(conversation, { text: "now" })).state).toBe("waiting");
  expect((await ada.client.contact(beaId)).safetyNumber).toBe(contact?.safetyNumber);
});

test("who was removed and added again before answering can still come, also by the first of the two invitations", async () => {
  const world = new ClientWorld();
  const [ada, bea, cy] = [await world.join("Ada"), await world.join("Bea"), await world.join("Cy")];
  await world.connect(ada, bea);
  await world.connect(ada, cy);
  await world.connect(bea, cy);
  const { id } = await ada.client.createGroup({ name: "Team", contactIds: [await idOf(bea), await idOf(cy)] });
  await world.settle(ada, bea, cy);
  const [request] = await cy.client.requests();
  await world.until(cy.client.acceptRequest(request?.id ?? ""));
  await world.settle(ada, cy, ada);
  await ada.client.setRole(id, await idOf(cy), "admin");
  await world.settle(ada, cy);
  await cy.client.removeMember(id, await idOf(bea));
  await cy.client.addMembers(id, [await idOf(bea)]);
  await world.settle(cy, ada, bea, cy, bea);
  const invitations = await bea.client.requests();
  expect(invitations.length).toBe(2);
  await world.until(bea.client.acceptRequest(invitations[0]?.id ?? ""));
  await world.settle(bea, cy, bea);
  for (const { id: later } of await bea.client.requests()) await world.until(bea.client.acceptRequest(later));
  await world.settle(bea, cy, bea);
  expect((await bea.client.conversation(id)).state).toBe("active");
});
