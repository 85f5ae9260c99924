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
/** What `segments` keeps in memory of an entry, and of a log. */
const INDEXED_ENTRY_BYTES = 16;
const INDEXED_LOG_BYTES = 1024;

/** How many files one process of a relay with these settings may have open at once. */
export function openFilesNeeded({ maxConnections, fronts }: Pick<RelayConfig, "maxConnections" | "fronts">): number {
  return Math.ceil(maxConnections / fronts) + SPARE_CONNECTIONS + OWN_FILES;
}

/** How much memory `segments` takes for its index of so many logs and entries, in bytes. */
export function indexMemory({ logs, entries }: { readonly logs: number; readonly entries: number }): number {
  return logs * INDEXED_LOG_BYTES + entries * INDEXED_ENTRY_BYTES;
}

/** How much memory a relay with these settings takes when all its connections are there and mostly idle, in bytes. */
export function memoryNeeded({ maxConnections, fronts }: Pick<RelayConfig, "maxConnections" | "fronts">): number {
  const processes = fronts === 1 ? 1 : fronts + 1;
  return processes * BASE_BYTES + maxConnections * CONNECTION_BYTES;
}
