/** Loads a server as told by the {@link LoadPlan} in `argv`, in a process of its own, and prints a {@link LoadResult}. */
import { percentiles } from "../percentiles.ts";
import { follow, LoadClient } from "./load-clients.ts";
import type { LoadPlan, LoadResult } from "./load-plan.ts";

/** Beyond this the server has lost: more would only fill this process's memory. */
const MAX_UNDER_WAY = 20_000;
const DRAIN_MS = 5_000;

const plan = JSON.parse(process.argv[2] ?? "") as LoadPlan; // our own parent wrote it
const clients = await Promise.all(Array.from({ length: plan.connections }, () => LoadClient.open(plan)));
const result = plan.mode.type === "closed" ? await closedLoop(plan.mode.depth) : await openLoop(plan.mode.rate);
console.log(JSON.stringify(result));
for (const client of clients) client.close();
process.exit(0);

async function closedLoop(depth: number): Promise<LoadResult> {
  const latencies: number[] = [];
  const startedAt = performance.now();
  const end = startedAt + plan.seconds * 1000;
  const keepBusy = async (client: LoadClient): Promise<void> => {
    while (performance.now() < end) {
      const sentAt = performance.now();
      await new Promise<void>((resolve) => void client.send(resolve));
      latencies.push(performance.now() - sentAt);
    }
  };
  await Promise.all(clients.flatMap((client) => Array.from({ length: depth }, () => keepBusy(client))));
  return {
    rate: latencies.length / ((performance.now() - startedAt) / 1000),
    answered: percentiles(latencies),
  };
}

async function openLoop(rate: number): Promise<LoadResult> {
  // By connection, then by the request's number there.
  const byClient = clients.map(() => new Map<number, Sent>());
  const followed = plan.server === "relay";
  const followers = followed ? await Promise.all(clients.map((client, i) => followOne(client, byClient[i]))) : [];
  const startedAt = performance.now();
  let sent = 0;
  let answered = 0;
  for (let now = startedAt; now - startedAt < plan.seconds * 1000; now = performance.now()) {
    for (; sent < ((now - startedAt) / 1000) * rate && sent - answered < MAX_UNDER_WAY; sent += 1) {
      const request: Sent = { due: startedAt + (sent / rate) * 1000 };
      const at = sent % clients.length;
      const id = clients[at]?.send(() => {
        request.answeredAt = performance.now();
        answered += 1;
      });
      byClient[at]?.set(id ?? 0, request);
    }
    await sleep(1);
  }
  const all = byClient.flatMap((requests) => [...requests.values()]);
  const done = ({ answeredAt, deliveredAt }: Sent): boolean =>
    answeredAt !== undefined && (!followed || deliveredAt !== undefined);
  for (const until = performance.now() + DRAIN_MS; !all.every(done) && performance.now() < until;) await sleep(50);
  for (const stop of followers) stop();
  const delay = (from: number | undefined, to: number | undefined): number => (to ?? Infinity) - (from ?? 0);
  const result = {
    rate: answered / plan.seconds,
    answered: percentiles(all.map(({ due, answeredAt }) => delay(due, answeredAt))),
  };
  if (!followed) return result;
  return {
    ...result,
    delivered: percentiles(all.map(({ answeredAt, deliveredAt }) => delay(answeredAt, deliveredAt))),
    dueToDelivered: percentiles(all.map(({ due, deliveredAt }) => delay(due, deliveredAt))),
  };
}

/** When a request was to be sent, its answer came, and its entry reached a subscriber. */
interface Sent {
  readonly due: number;
  answeredAt?: number;
  deliveredAt?: number;
}

function followOne(client: LoadClient, requests: ReadonlyMap<number, Sent> | undefined): Promise<() => void> {
  return follow(plan, client, (id) => {
    const request = requests?.get(id);
    if (request !== undefined) request.deliveredAt = performance.now();
  });
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
