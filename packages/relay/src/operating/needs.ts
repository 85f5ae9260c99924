import type { RelayConfig } from "../config.ts";

/** Connections for pages and files besides those for sockets; the HTTP server's limit counts both. */
const SPARE_CONNECTIONS = 1000;
/** Databases, segments, listeners, threads. */
const OWN_FILES = 256;
const MIB = 1024 * 1024;
/** A process that nobody uses. */
const BASE_BYTES = 128 * MIB;
/** An idle connection, with what the system keeps for its socket. */
const CONNECTION_BYTES = 16 * 1024;

/** How many files one process of a relay with these settings may have open at once. */
export function openFilesNeeded({ maxConnections, fronts }: Pick<RelayConfig, "maxConnections" | "fronts">): number {
  return Math.ceil(maxConnections / fronts) + SPARE_CONNECTIONS + OWN_FILES;
}

/** How much memory a relay with these settings takes when all its connections are there and mostly idle, in bytes. */
export function memoryNeeded({ maxConnections, fronts }: Pick<RelayConfig, "maxConnections" | "fronts">): number {
  const processes = fronts === 1 ? 1 : fronts + 1;
  return processes * BASE_BYTES + maxConnections * CONNECTION_BYTES;
}
