import { expect, test } from "vitest";
import { ClientWorld } from "@stonechat/testkit/client-world";

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
    (await person.client.messages(conversation, { limit: 50 })).messages.flatMap(({ body }) => (body.type === "text" ? [body.text] : []));
  expect([ada.failures, bea.failures]).toEqual([[], []]);
  expect(await texts(ada)).toEqual(["hello Bea", "hello Ada"]);
  expect(await texts(bea)).toEqual(["hello Bea", "hello Ada"]);
  expect((await ada.client.contacts()).map(({ name }) => name)).toEqual(["Bea"]);
  expect((await bea.client.contacts()).map(({ name }) => name)).toEqual(["Ada"]);
});
