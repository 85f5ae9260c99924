/** Carries sealed requests to guards. Everybody on the way sees sizes, which are all equal, and times. */
export interface GuardTransport {
  /** Fetches what `GET /v1/guards` of this relay gives, or undefined if there was no answer. */
  list(relayUrl: string): Promise<Uint8Array | undefined>;
  /** One request to one guard, by way of the relay if that can be reached. Undefined: no answer came. */
  send(
    guard: { readonly relayUrl: string; readonly url: string; readonly id: string },
    body: Uint8Array,
  ): Promise<Uint8Array | undefined>;
}
