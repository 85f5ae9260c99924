import type { RelayConfig } from "../config.ts";
import { defaultLimits, type ServiceLimits } from "../service/limits.ts";

/**
 * What one of `fronts` processes may take of the limits that are counted over all of them. The system spreads connections
 * evenly by address and port, so that the shares add up, nearly, for one network's connections as well.
 */
export function shareOf(config: RelayConfig, fronts: number): RelayConfig {
  const share = (all: number): number => Math.ceil(all / fronts);
  return {
    ...config,
    maxConnections: share(config.maxConnections),
    maxConnectionsPerPrefix: share(config.maxConnectionsPerPrefix),
    connectionsPerSecondPerPrefix: share(config.connectionsPerSecondPerPrefix),
    appendKibPerSecondPerPrefix: share(config.appendKibPerSecondPerPrefix),
  };
}

/** The same for the limits of the service. */
export function shareOfLimits(limits: Partial<ServiceLimits>, fronts: number): Partial<ServiceLimits> {
  const { maxSubscriptionsInAll } = { ...defaultLimits, ...limits };
  return { ...limits, maxSubscriptionsInAll: Math.ceil(maxSubscriptionsInAll / fronts) };
}
