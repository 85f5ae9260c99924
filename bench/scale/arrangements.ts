import { breakingPoint, type Breaking } from "./breaking.ts";
import { needsOfCluster } from "./needs.ts";
import type { System } from "./simulation/system.ts";
import { cluster, frontsOverHub, oneProcess, type Ground, type Telling } from "./systems.ts";

/** A way to run the service, for a population to grow in until it breaks. */
export interface Arrangement {
  readonly name: string;
  readonly build: (people: number) => System;
}

const FRONTS = 4;
const THREE = 3;

/** From the smallest to what is not built yet, each mending what broke the one before. */
export function arrangements(ground: Ground): readonly Arrangement[] {
  const of = (databases: number, natsServers: number, telling: Telling) => (people: number) =>
    cluster(people, { relays: relaysFor(people, ground), databases, natsServers, telling }, ground);
  const three = { relays: THREE, databases: 1, natsServers: 1, telling: "everything" } as const;
  return [
    { name: "one process", build: (people) => oneProcess(people, ground) },
    { name: `${String(FRONTS)} fronts over one hub`, build: (people) => frontsOverHub(people, FRONTS, ground) },
    { name: "three relays, one database, one NATS server", build: (people) => cluster(people, three, ground) },
    { name: "as many relays as wanted, today's code", build: of(1, 1, "everything") },
    { name: "the same, told only what their clients follow", build: of(1, 1, "what-is-followed") },
    { name: "the same, logs on 8 databases", build: of(8, 1, "what-is-followed") },
    { name: "the same, logs on 64 databases", build: of(64, 1, "what-is-followed") },
    { name: "the same, 8 NATS servers with a share of the logs each", build: of(64, 8, "what-is-followed") },
  ];
}

/** Where each of them breaks. */
export function breakingPoints(
  all: readonly Arrangement[],
  { profile }: Ground,
): readonly (Breaking & { readonly name: string })[] {
  return all.map(({ name, build }) => ({ name, ...breakingPoint(build, profile) }));
}

/** As many as are planned where each is told only what its clients follow: hearing of everything comes on top. */
function relaysFor(people: number, ground: Ground): number {
  return Math.max(2, needsOfCluster(people, "what-is-followed", ground)?.shape?.relays ?? 2);
}
