import type { Host } from "../host.ts";

/** What a relay says of itself at `GET /healthz`. */
export interface RelayHealth {
  readonly healthy: boolean;
  /** The relay's clock minus ours, in milliseconds, to the second; undefined if the relay does not tell the time. */
  readonly clockDifferenceMs: number | undefined;
}

/** Asks the relay at `relayUrl`; undefined if there is no answer in time. */
export async function askHealth(host: Host, relayUrl: string): Promise<RelayHealth | undefined> {
  const answer = await host.get(`${relayUrl}/healthz`);
  if (answer === undefined) return undefined;
  const told = answer.date === undefined ? Number.NaN : Date.parse(answer.date);
  return { healthy: answer.status === 200, clockDifferenceMs: Number.isNaN(told) ? undefined : told - host.now() };
}
