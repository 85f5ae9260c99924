import { ClientWorld } from "@stonechat/testkit/client-world";
import { createProse } from "./prose.ts";
import type { Row } from "./row.ts";

const TEXT_BYTES = 100;
const MESSAGES = 500;
const ROUNDS = 3;

/** Two whole clients in one process: outbox, MLS, a relay service, and both databases, with memory instead of disks. */
export async function benchClient(): Promise<Row[]> {
  const world = new ClientWorld();
  const [ada, bea] = [await world.join("Ada"), await world.join("Bea")];
  const conversation = await world.connect(ada, bea);
  const text = createProse(1);
  let heard = 0;
  bea.client.onEvent(({ type }) => {
    if (type === "message") heard += 1;
  });
  let best = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const startedAt = performance.now();
    for (let i = 0; i < MESSAGES; i += 1) await ada.client.send(conversation, { text: text(TEXT_BYTES) });
    await world.settle(ada, bea);
    best = Math.max(best, MESSAGES / ((performance.now() - startedAt) / 1000));
  }
  const [failure] = [...ada.failures, ...bea.failures];
  if (failure !== undefined) throw new Error("a client failed", { cause: failure });
  if (heard !== ROUNDS * MESSAGES) throw new RangeError("messages are missing");
  return [{ what: "two clients: sent, relayed, received, stored at both", measured: best, unit: "messages/s" }];
}
