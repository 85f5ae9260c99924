import type { RelayConfig } from "../config.ts";

/** Connections for pages and files besides those for sockets; the HTTP server's limit counts both. */
const SPARE_CONNECTIONS = 1000;
/** Databases, segments, listeners, threads. */
const OWN_FILES = 256;
const MIB = 1024 * 1024;
/** A relay that nobody uses. */
const BASE_BYTES = 192 * MIB;
/** An idle connection, with what the system keeps for its socket. */
const CONNECTION_BYTES = 16 * 1024;

/** How many files a relay with these settings may have open at once. */
export function openFilesNeeded({ maxConnections }: Pick<RelayConfig, "maxConnections">): number {
  return maxConnections + SPARE_CONNECTIONS + OWN_FILES;
}

/** How much memory a relay with these settings takes when all its connections are there and mostly idle, in bytes. */
export function memoryNeeded({ maxConnections }: Pick<RelayConfig, "maxConnections">): number {
  return BASE_BYTES + maxConnections * CONNECTION_BYTES;
}
