import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Histogram } from "./histogram.ts";
import type { Opened, Order, Stormed, Target } from "./orders.ts";
import type { Measured } from "./tally.ts";
import type { Place } from "./wire.ts";

/** One process holds at most this many connections: systems allow some 20,000 files each. */
const MAX_PAIRS_A_PROCESS = 7500;
const ATTEMPTS_AT_ONCE = 100;

/** A load as its rows want it. Pairs in all; each has a window of messages under way. */
export interface LoadSize {
  readonly pairs: number;
  readonly window: number;
  readonly bodyBytes: number;
  /** False: the receivers come later, with {@link Generator.drain}. */
  readonly receivers?: boolean;
  /** At least so many processes. */
  readonly processes?: number;
}

/** What a load came to, of all processes together. */
export interface LoadResult {
  /** Messages a second that were acknowledged, and that reached their receiver. */
  readonly acknowledgedRate: number;
  readonly deliveredRate: number;
  readonly toAcknowledged: Histogram;
  readonly toDelivered: Histogram;
  readonly lost: number;
  readonly doubled: number;
  readonly disordered: number;
  readonly broken: number;
  /** The busiest load process's share of one core. */
  readonly ownCpuShare: number;
}

export interface StormResult {
  readonly result: LoadResult;
  /** From the moment when all were lost until all were back. */
  readonly seconds: number;
  /** Attempts that failed and were made again: why, and how many, of each process. */
  readonly refused: Stormed["refused"];
}

/** Load processes that work as one. Dispose of it when done. */
export class Generator implements AsyncDisposable {
  readonly #processes: readonly LoadProcess[];
  /** How long opening all connections took, in seconds. */
  openSeconds = 0;

  private constructor(processes: readonly LoadProcess[]) {
    this.#processes = processes;
  }

  /** Starts the processes and opens all pairs. Each process has an address of its own: relays count by prefix. */
  static async open(target: Target, size: LoadSize): Promise<Generator> {
    const count = Math.max(size.processes ?? 1, Math.ceil(size.pairs / MAX_PAIRS_A_PROCESS));
    const generator = new Generator(Array.from({ length: count }, () => new LoadProcess()));
    const { pairs, window, bodyBytes, receivers = true } = size;
    try {
      const opened = await generator.#tell<Opened>((i) => ({
        ...{ do: "open", target: from(target, i), window, bodyBytes, receivers, atOnce: ATTEMPTS_AT_ONCE },
        pairs: Math.floor((pairs * (i + 1)) / count) - Math.floor((pairs * i) / count),
      }));
      generator.openSeconds = Math.max(...opened.map(({ seconds }) => seconds));
      return generator;
    } catch (error) {
      await generator[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Every pair keeps its window full. */
  async closed(seconds: number, warmUpSeconds = 1): Promise<LoadResult> {
    return sum(await this.#tell<Measured>(() => ({ do: "closed", seconds, warmUpSeconds })));
  }

  /** So many messages a second in all, evenly, whatever comes back. */
  async paced(rate: number, seconds: number, warmUpSeconds = 1): Promise<LoadResult> {
    const share = rate / this.#processes.length;
    return sum(await this.#tell<Measured>(() => ({ do: "paced", rate: share, seconds, warmUpSeconds })));
  }

  /** Sends so many messages of each pair, and waits until they are acknowledged. */
  async store(each: number): Promise<LoadResult> {
    return sum(await this.#tell<Measured>(() => ({ do: "store", each })));
  }

  /** Opens the receivers, and waits until they have everything that was stored. */
  async drain(): Promise<LoadResult> {
    return sum(await this.#tell<Measured>(() => ({ do: "drain" })));
  }

  /** Loses every connection at once and opens all again, under the load of {@link paced}. */
  async stormWhilePaced(rate: number, pairsPerSecond: number): Promise<StormResult> {
    const count = this.#processes.length;
    const order: Order = { do: "storm", perSecond: pairsPerSecond / count, rate: rate / count };
    const parts = await this.#tell<Stormed>(() => order);
    return {
      result: sum(parts),
      seconds: Math.max(...parts.map(({ stormSeconds }) => stormSeconds)),
      refused: parts.flatMap(({ refused }) => refused),
    };
  }

  /** Load processes that hold greeted connections to a relay, and do nothing more. */
  static async hold(target: Target, count: number): Promise<Generator> {
    const processes = Math.ceil(count / (2 * MAX_PAIRS_A_PROCESS));
    const generator = new Generator(Array.from({ length: processes }, () => new LoadProcess()));
    try {
      await generator.#tell<Opened>((i) => ({
        ...{ do: "hold", atOnce: ATTEMPTS_AT_ONCE, place: relayPlace(from(target, i)) },
        count: Math.floor((count * (i + 1)) / processes) - Math.floor((count * i) / processes),
      }));
      return generator;
    } catch (error) {
      await generator[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#processes.map((child) => child.end()));
  }

  async #tell<A>(orderOf: (index: number) => Order): Promise<readonly A[]> {
    return Promise.all(this.#processes.map((child, i) => child.tell<A>(orderOf(i))));
  }
}

class LoadProcess {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor() {
    const file = join(import.meta.dirname, "load-process.ts");
    const profile = process.env["BENCH_LOAD_NODE_ARGS"]?.split(" ") ?? [];
    this.#child = spawn(process.execPath, [...profile, file], { stdio: ["pipe", "pipe", "inherit"] });
    this.#child.stdin?.on("error", nothing); // its end shows at the next answer
    if (this.#child.stdout === null) throw new RangeError("standard output is not piped");
    this.#lines = createInterface(this.#child.stdout)[Symbol.asyncIterator]();
  }

  async tell<A>(order: Order): Promise<A> {
    this.#child.stdin?.write(`${JSON.stringify(order)}\n`);
    const line = await this.#lines.next();
    if (line.done === true) throw new RangeError("a load process ended");
    return JSON.parse(line.value) as A; // load-process.ts wrote it
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.stdin?.end(`${JSON.stringify({ do: "end" } satisfies Order)}\n`);
    await ended;
  }
}

/** Some peers serve 127.0.0.1 only, and none is given more connections than one address has ports. */
function from(target: Target, index: number): Target {
  if (target.type !== "relay") return target;
  return { ...target, places: target.places.map((place) => ({ ...place, from: `127.0.${String(2 + index)}.1` })) };
}

function relayPlace(target: Target): Place {
  const place = target.type === "relay" ? target.places[0] : undefined;
  if (place === undefined) throw new RangeError("only a relay holds connections");
  return place;
}

function sum(parts: readonly Measured[]): LoadResult {
  const [toAcknowledged, toDelivered] = [new Histogram(), new Histogram()];
  for (const part of parts) {
    toAcknowledged.addAll(part.toAcknowledged);
    toDelivered.addAll(part.toDelivered);
  }
  const total = (of: (part: Measured) => number): number => parts.reduce((all, part) => all + of(part), 0);
  return {
    acknowledgedRate: total((part) => part.acknowledged / part.seconds),
    deliveredRate: total((part) => part.delivered / part.seconds),
    toAcknowledged,
    toDelivered,
    lost: total((part) => part.lost),
    doubled: total((part) => part.doubled),
    disordered: total((part) => part.disordered),
    broken: total((part) => part.broken),
    ownCpuShare: Math.max(...parts.map((part) => part.ownCpuSeconds / part.seconds)),
  };
}

function nothing(): void {
  // See where it is used.
}
