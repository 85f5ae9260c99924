/**
 * One load by hand, for whoever works on the relay's speed; the table of `npm run bench` does not use it.
 *
 * `node bench/relay/probe.ts closed|paced|backlog [--peer echo|redis|nats|…] [--pairs 64] [--window 32] [--rate 2000] [--seconds 5]
 * [--body 1024] [--processes 1] [--each 10000] [--url URL] [--cpu-prof] [--SETTING=VALUE of the relay …]`
 *
 * `--cpu-prof` prints where the relay's threads spent their time.
 */
import { parseArgs } from "node:util";
import { Generator, type LoadResult } from "./load/generator.ts";
import type { Target } from "./load/orders.ts";
import { PEERS } from "./peers/peers.ts";
import { placeOf, startRelayChild } from "./relay-child.ts";

const { positionals, tokens } = parseArgs({ strict: false, allowPositionals: true, tokens: true });
const options = new Map(tokens.flatMap((token, i) => (token.kind === "option" ? [[token.name, valueOf(i)]] : [])));
const [mode = "closed"] = positionals;
take("cpu-prof"); // relay-child.ts sees to it
const [pairs, window, bodyBytes] = [number("pairs", 64), number("window", 32), number("body", 1024)];
const [seconds, rate, each] = [number("seconds", 5), number("rate", 2000), number("each", 10_000)];
const [processes, url, peerName] = [number("processes", 1), take("url"), take("peer")];

const server = await start();
{
  await using load = await Generator.open(server.target, {
    ...{ pairs, window, bodyBytes, processes },
    receivers: mode !== "backlog",
  });
  console.log(`opened in ${load.openSeconds.toFixed(2)} s`);
  if (mode === "paced") print(await load.paced(rate, seconds));
  else if (mode === "backlog") {
    print(await load.store(each));
    print(await load.drain());
  } else print(await load.closed(seconds));
}
await server.stop();
process.exit(0);

async function start(): Promise<{ readonly target: Target; readonly stop: () => Promise<void> }> {
  if (url !== undefined)
    return { target: { type: "relay", places: url.split(",").map(placeOf) }, stop: () => Promise.resolve() };
  const peer = await PEERS.find(({ name }) => peerName !== undefined && name.startsWith(peerName))?.start();
  if (peer !== undefined) return peer;
  return startRelayChild([], Object.fromEntries(options));
}

function print(result: LoadResult): void {
  const { toAcknowledged, toDelivered, lost, doubled, disordered } = result;
  const ms = (value: number): string => value.toFixed(2);
  console.log(
    `acknowledged ${result.acknowledgedRate.toFixed(0)}/s p50 ${ms(toAcknowledged.at(0.5))} p99 ${ms(toAcknowledged.at(0.99))} ms`,
    `| delivered ${result.deliveredRate.toFixed(0)}/s p50 ${ms(toDelivered.at(0.5))} p99 ${ms(toDelivered.at(0.99))}`,
    `max ${ms(toDelivered.maxMs)} ms | lost ${String(lost)} doubled ${String(doubled)} disordered ${String(disordered)}`,
    `| generator's own core ${(100 * result.ownCpuShare).toFixed(0)} %`,
  );
}

function number(name: string, usual: number): number {
  return Number(take(name) ?? usual);
}

function take(name: string): string | undefined {
  const value = options.get(name);
  options.delete(name);
  return value;
}

/** `--name=value`, or `--name value`, which is read as a positional behind it. */
function valueOf(index: number): string {
  const [token, next] = [tokens[index], tokens[index + 1]];
  if (token?.kind === "option" && token.value !== undefined) return token.value;
  return next?.kind === "positional" ? next.value : "";
}
