import { demandOf } from "./demand.ts";
import { MOST_SUBSCRIPTIONS, needsOfCluster, needsOfOne } from "./needs.ts";
import { SMALL_MACHINE, LARGE_MACHINE, type Machine } from "./profile.ts";
import type { Ground } from "./systems.ts";

/** Sessions that one relay opens at a database: packages/relay/src/postgres/postgres-session.ts. */
const SESSIONS_A_RELAY = 8;
/** What one database serves well. Assumed: each is a process of its own. */
const MOST_SESSIONS = 1000;
/** Large enough that what is there once does not show. */
const MANY = 1_000_000;

/** Something that no queue shows: it is there or it is not. */
export interface FixedLimit {
  readonly what: string;
  readonly people: number;
}

/** How many people there are when each is used up, the first first. Disks are bought by what {@link needsOfOne} says. */
export function fixedLimits(ground: Ground): readonly FixedLimit[] {
  const { profile, costs } = ground;
  const demand = demandOf(MANY, profile);
  const one = needsOfOne(MANY, ground);
  const later = needsOfCluster(MANY, "what-is-followed", ground);
  const relays = later?.shape?.relays ?? NaN;
  const memory = (what: string, bytes: number, machine: Machine): FixedLimit => ({
    what: `${what}, ${String(machine.memoryBytes / 1024 ** 3)} GiB of memory`,
    people: (MANY * machine.memoryBytes) / bytes,
  });
  const limits = [
    memory("one relay, a small machine", one.memoryBytes, SMALL_MACHINE),
    memory("one relay, a large machine", one.memoryBytes, LARGE_MACHINE),
    memory("one relay without an index in memory, a small machine", one.clientBytes, SMALL_MACHINE),
    {
      what: `one process or one hub, ${MOST_SUBSCRIPTIONS.toLocaleString("en")} logs followed`,
      people: (MANY * MOST_SUBSCRIPTIONS) / demand.subscriptions,
    },
    {
      what: `one process, ${SMALL_MACHINE.openFiles.toLocaleString("en")} open files`,
      people: (MANY * SMALL_MACHINE.openFiles) / demand.connections,
    },
    {
      what: `one database, ${MOST_SESSIONS.toLocaleString("en")} sessions`,
      people: (MANY * MOST_SESSIONS) / SESSIONS_A_RELAY / relays,
    },
    memory(
      "one NATS server that knows what every relay follows, a large machine",
      demand.subscriptions * costs.cluster.natsInterestBytes,
      LARGE_MACHINE,
    ),
  ];
  return limits.toSorted((a, b) => a.people - b.people);
}
