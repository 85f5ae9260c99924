import type { RelayConfig } from "../config.ts";

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
    maxFollowedLogs: share(config.maxFollowedLogs),
    appendKibPerSecondPerPrefix: share(config.appendKibPerSecondPerPrefix),
  };
}
