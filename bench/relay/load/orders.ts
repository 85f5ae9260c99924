import type { Measured } from "./tally.ts";
import type { Place } from "./wire.ts";

/** One or more relays over the same logs. With `comesBack` a connection that they end is opened again. */
export interface RelayTarget {
  readonly type: "relay";
  readonly places: readonly Place[];
  readonly comesBack?: boolean;
}

/** A server that the generator can speak to. */
export type Target =
  RelayTarget | { readonly type: "echo" | "redis" | "nats" | "mqtt" | "xmpp" | "postgres"; readonly place: Place };

/** What a load process is told to do, one JSON line each. It answers each with one line. */
export type Order =
  /** Opens pairs, `atOnce` at a time; without `receivers` only the senders. Answered by {@link Opened}. */
  | {
      readonly do: "open";
      readonly target: Target;
      readonly pairs: number;
      readonly window: number;
      readonly bodyBytes: number;
      readonly receivers: boolean;
      readonly atOnce: number;
    }
  /** Keeps the window of each pair full. Answered by {@link Measured}. */
  | { readonly do: "closed"; readonly warmUpSeconds: number; readonly seconds: number }
  /** Sends `rate` a second in all, evenly, whatever comes back; waiting counts from when a message was due. */
  | { readonly do: "paced"; readonly rate: number; readonly warmUpSeconds: number; readonly seconds: number }
  /** Sends so many messages of each pair, as fast as the window allows. */
  | { readonly do: "store"; readonly each: number }
  /** Opens the receivers and waits until they have all that was stored. */
  | { readonly do: "drain" }
  /** Loses every connection at once and opens all again, `perSecond` pairs a second, under the load of `paced`. */
  | { readonly do: "storm"; readonly perSecond: number; readonly rate: number }
  /** Opens greeted connections to a relay that do nothing more. Answered by {@link Opened}. */
  | { readonly do: "hold"; readonly place: Place; readonly count: number; readonly atOnce: number }
  /** Closes everything and ends the process. Not answered. */
  | { readonly do: "end" };

export interface Opened {
  readonly seconds: number;
}

export interface Stormed extends Measured {
  /** From the moment when all were lost until all were back. */
  readonly stormSeconds: number;
  /** Attempts that failed and were made again: why, and how many. */
  readonly refused: readonly (readonly [reason: string, count: number])[];
}

export type Answer = Opened | Measured | Stormed;
