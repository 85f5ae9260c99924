/**
 * The store cannot be reached for the moment. What was asked may or may not have been done; whoever asked tries again,
 * and the entry id, the epoch or the log id keeps it from being done twice. Answered with `busy`.
 */
export class StoreUnavailableError extends Error {
  override readonly name = "StoreUnavailableError";
  readonly code = "store-unavailable";

  constructor(options?: ErrorOptions) {
    super("the store cannot be reached for the moment", options);
  }
}
