/**
 * A part that work waits for.
 *
 * `work`: takes so much a second, first come, first served: a thread, the cores of a database, a network card.
 * `batches`: lets at most `places` batches through at once; everything that waits goes into the next, up to `most` each.
 *   A batch holds its place until a step with `frees` is done.
 * `delay`: everything takes so many seconds, without limit: a sync, a round trip.
 */
export type Part = { readonly name: string } & (
  | { readonly kind: "work"; readonly perSecond: number }
  | { readonly kind: "batches"; readonly places: number; readonly most: number }
  | { readonly kind: "delay"; readonly seconds: number }
);

/** One thing that is done to each item of a route. */
export interface Step {
  readonly part: string;
  /** Of a part of kind `work`: how much each item takes, and each batch besides. */
  readonly each?: number;
  readonly eachBatch?: number;
  /** When it is done, the batch gives its place at this part back. */
  readonly frees?: string;
  /** When it is done, whoever sent it knows that it is kept. */
  readonly acknowledges?: boolean;
}

/** What happens to items of one kind, from their arrival to their end. */
export interface Route {
  readonly name: string;
  readonly steps: readonly Step[];
}

/** Parts, in the order in which work passes them; one that is passed again is named again in `order`. */
export interface System {
  readonly parts: readonly Part[];
  readonly order: readonly string[];
  readonly routes: readonly Route[];
}
