/** What was asked for is not done. The message is a whole sentence for the person who runs the relay. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
  readonly code = "refused";
}
