import { expect, test } from "vitest";
import { ClientWorld } from "@stonechat/testkit/client-world";
import { MemorySink } from "@stonechat/testkit/memory-files";

test("two people connect by a link and talk both ways", async () => {
  const world = new ClientWorld();
  const ada = await world.join("Ada");
  const bea = await world.join("Bea");
  const conversation = await world.connect(ada, bea);

  await ada.client.send(conversation, { text: "hello Bea" });
  await world.settle(ada, bea);
  await bea.client.send(conversation, { text: "hello Ada" });
  await world.settle(ada, bea);

  const texts = async (person: typeof ada): Promise<readonly string[]> =>
    (await person.client.messages(conversation, { limit: 50 })).messages.flatMap(({ body }) =>
      body.type === "text" ? [body.text] : [],
    );
  expect([ada.failures, bea.failures]).toEqual([[], []]);
  expect(await texts(ada)).toEqual(["hello Bea", "hello Ada"]);
  expect(await texts(bea)).toEqual(["hello Bea", "hello Ada"]);
  expect((await ada.client.contacts()).map(({ name }) => name)).toEqual(["Bea"]);
  expect((await bea.client.contacts()).map(({ name }) => name)).toEqual(["Ada"]);
});

test("a group is made, renamed, left, and its removed member reads nothing more", async () => {
  const world = new ClientWorld();
  const ada = await world.join("Ada");
  const bea = await world.join("Bea");
  const cy = await world.join("Cy");
  await world.connect(ada, bea);
  await world.connect(ada, cy);
  const contacts = await ada.client.contacts();
  const { id } = await ada.client.createGroup({ name: "Team", contactIds: contacts.map((contact) => contact.id) });
  await world.settle(ada, bea, cy);
  for (const person of [bea, cy]) {
    const [request] = await person.client.requests();
    expect(request).toMatchObject({ type: "group", name: "Team", fromName: "Ada", memberCount: 3 });
    await world.until(person.client.acceptRequest(request?.id ?? ""));
  }
  await world.settle(ada, bea, cy, ada);
  expect((await ada.client.members(id)).map(({ name, invited }) => [name, invited])).toEqual([
    ["Ada", false],
    ["Bea", false],
    ["Cy", false],
  ]);
  expect((await bea.client.members(id)).map(({ name }) => name)).toEqual(["Bea", "Ada", "Cy"]);

  await bea.client.send(id, { text: "hello all" });
  await world.settle(bea, ada, cy);
  await ada.client.renameGroup(id, "Crew");
  await world.settle(ada, bea, cy);
  const cyId = contacts.find(({ name }) => name === "Cy")?.id ?? "";
  await ada.client.removeMember(id, cyId);
  await world.settle(ada, bea, cy);
  await ada.client.send(id, { text: "without Cy" });
  await world.settle(ada, bea, cy);
  expect((await cy.client.conversation(id)).state).toBe("removed");
  const texts = async (person: typeof ada): Promise<readonly string[]> =>
    (await person.client.messages(id, { limit: 50 })).messages.flatMap(({ body }) =>
      body.type === "text" ? [body.text] : [],
    );
  expect(await texts(cy)).toEqual(["hello all"]);
  expect(await texts(bea)).toEqual(["hello all", "without Cy"]);
  expect((await bea.client.conversation(id)).name).toBe("Crew");

  await bea.client.leaveGroup(id);
  await world.settle(bea, ada);
  world.clock.advance(10_000);
  await world.settle(ada, bea);
  expect((await bea.client.conversation(id)).state).toBe("left");
  expect((await ada.client.members(id)).map(({ name }) => name)).toEqual(["Ada"]);
  expect([ada.failures, bea.failures, cy.failures]).toEqual([[], [], []]);
  const notices = (await ada.client.messages(id, { limit: 50 })).messages.flatMap(({ body }) =>
    body.type === "notice" ? [body.notice.type] : [],
  );
  expect(notices).toEqual(["created", "member-added", "renamed", "member-removed", "member-left"]);
});

test("reply, reaction, edit, delete and receipts reach the other side", async () => {
  const world = new ClientWorld();
  const ada = await world.join("Ada");
  const bea = await world.join("Bea");
  const conversation = await world.connect(ada, bea);
  const first = await ada.client.send(conversation, { text: "one" });
  await world.settle(ada, bea);
  const answer = await bea.client.send(conversation, { text: "two", replyTo: first.id });
  await bea.client.react(conversation, first.id, "👍", false);
  await world.settle(bea, ada);
  expect(await ada.client.message(conversation, answer.id)).toMatchObject({
    replyTo: { id: first.id, fromName: "Ada" },
  });
  expect((await ada.client.message(conversation, first.id)).reactions).toMatchObject([
    { emoji: "👍", fromNames: ["Bea"], self: false },
  ]);
  await ada.client.edit(conversation, first.id, "uno");
  await world.settle(ada, bea);
  expect(await bea.client.message(conversation, first.id)).toMatchObject({
    body: { type: "text", text: "uno" },
    fromName: "Ada",
  });
  await bea.client.deleteForEveryone(conversation, answer.id);
  await world.settle(bea, ada);
  expect((await ada.client.message(conversation, answer.id)).body).toEqual({ type: "deleted", byModerator: false });
  expect((await ada.client.message(conversation, first.id)).state).toBe("delivered");
  await bea.client.markRead(conversation, first.id);
  await world.settle(bea, ada);
  expect((await ada.client.message(conversation, first.id)).state).toBe("read");
  await expect(bea.client.edit(conversation, first.id, "no")).rejects.toMatchObject({ code: "not-allowed" });
  expect((await bea.client.search("un", 10)).map(({ message }) => message.id)).toEqual([first.id]);
});

test("a file goes through a blob and comes out the same; what was written offline is sent later", async () => {
  const world = new ClientWorld();
  const ada = await world.join("Ada");
  const bea = await world.join("Bea");
  const conversation = await world.connect(ada, bea);
  const file = Uint8Array.from({ length: 300_000 }, (_, i) => i % 251);
  await world.until(
    ada.client.send(conversation, {
      text: "see",
      attachments: [{ file, name: "a.bin", mediaType: "application/octet-stream", kind: "file" }],
    }),
  );
  await world.settle(ada, bea);
  const message = (await bea.client.messages(conversation, { limit: 1 })).messages[0];
  const attachment = message?.attachments[0];
  expect(attachment).toMatchObject({ name: "a.bin", size: 300_000, transfer: { state: "remote" } });
  await world.until(bea.client.download(conversation, message?.id ?? "", attachment?.id ?? ""));
  const sink = new MemorySink();
  await world.until(bea.client.openAttachment(conversation, message?.id ?? "", attachment?.id ?? "", sink));
  expect(sink.bytes()).toEqual(file);

  world.cut();
  const waiting = await ada.client.send(conversation, { text: "later" });
  expect(waiting.state).toBe("waiting");
  await world.until(ada.client.close());
  world.reachable = true;
  const again = await world.open(ada.files);
  await world.settle(again, bea);
  expect((await again.client.message(conversation, waiting.id)).state).not.toBe("waiting");
  expect((await bea.client.message(conversation, waiting.id)).body).toEqual({ type: "text", text: "later" });
});
