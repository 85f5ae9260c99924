/** Loads a server as told by the {@link LoadPlan} in `argv`, in a process of its own, and prints a {@link LoadResult}. */
import { percentiles } from "../percentiles.ts";
import { LoadClient, subscribe } from "./load-clients.ts";
import type { LoadPlan, LoadResult } from "./load-plan.ts";

/** Beyond this the server has lost: more would only fill this process's memory. */
const MAX_UNDER_WAY = 20_000;
const DRAIN_MS = 5_000;

const plan = JSON.parse(process.argv[2] ?? "") as LoadPlan; // our own parent wrote it
const clients = await Promise.all(Array.from({ length: plan.connections }, (_, i) => LoadClient.open(plan, i)));
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
      await new Promise<void>((resolve) => client.send(resolve));
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
  const requests = new Map<string, { readonly due: number; answeredAt?: number; deliveredAt?: number }>();
  const key = (client: number, request: number): string => `${String(client)} ${String(request)}`;
  const unsubscribe =
    plan.server === "relay"
      ? await subscribe(plan, clients, (client, request) => {
          const found = requests.get(key(client, request));
          if (found !== undefined) found.deliveredAt = performance.now();
        })
      : undefined;
  const startedAt = performance.now();
  let sent = 0;
  let answered = 0;
  for (let now = startedAt; now - startedAt < plan.seconds * 1000; now = performance.now()) {
    for (; sent < ((now - startedAt) / 1000) * rate && sent - answered < MAX_UNDER_WAY; sent += 1) {
      const client = sent % clients.length;
      const request: { readonly due: number; answeredAt?: number } = { due: startedAt + (sent / rate) * 1000 };
      const id = clients[client]?.send(() => {
        request.answeredAt = performance.now();
        answered += 1;
      });
      requests.set(key(client, id ?? 0), request);
    }
    await sleep(1);
  }
  const all = [...requests.values()];
  const done = (): boolean =>
    all.every(({ answeredAt, deliveredAt }) => answeredAt !== undefined && (!unsubscribe || deliveredAt !== undefined));
  for (const until = performance.now() + DRAIN_MS; !done() && performance.now() < until;) await sleep(20);
  unsubscribe?.();
  const after = (from: (typeof all)[number]["answeredAt"], to: number | undefined): number =>
    (to ?? Infinity) - (from ?? 0);
  return {
    rate: answered / plan.seconds,
    answered: percentiles(all.map(({ due, answeredAt }) => after(due, answeredAt))),
    ...(unsubscribe === undefined
      ? {}
      : {
          delivered: percentiles(all.map(({ answeredAt, deliveredAt }) => after(answeredAt, deliveredAt))),
          dueToDelivered: percentiles(all.map(({ due, deliveredAt }) => after(due, deliveredAt))),
        }),
  };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
