/**
 * Whether a request with this `Origin` header may be served. No `Origin` comes from what is no browser page, or from a page of
 * ours that merely navigates. There are no cookies, so an origin that passes gains nothing but the network path.
 */
export function createOriginPolicy(
  allowed: readonly string[],
): (origin: string | undefined, host: string | undefined) => boolean {
  const list = new Set(allowed);
  return (origin, host) => {
    if (origin === undefined) return true;
    if (list.has(origin)) return true;
    return host !== undefined && (origin === `https://${host}` || origin === `http://${host}`);
  };
}
