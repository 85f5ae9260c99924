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
    maxFollowedLogs: share(config.maxFollowedLogs),
    appendKibPerSecondPerPrefix: share(config.appendKibPerSecondPerPrefix),
  };
}

/**
 * The same for limits that have no setting. Rates are shared; what may come at once is not, because one client meets one
 * front: so `fronts` times as much may come at once, and no more in the long run.
 */
export function shareOfLimits(limits: Partial<ServiceLimits>, fronts: number): Partial<ServiceLimits> {
  const whole = { ...defaultLimits, ...limits };
  return {
    ...limits,
    poolTakeSeconds: whole.poolTakeSeconds * fronts,
    poolTakeSecondsPerPrefix: whole.poolTakeSecondsPerPrefix * fronts,
    createsPerSecondPerPrefix: whole.createsPerSecondPerPrefix / fronts,
    unknownPerSecondPerPrefix: whole.unknownPerSecondPerPrefix / fronts,
  };
}
