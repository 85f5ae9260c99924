import type { Row } from "../row.ts";
import { arrangements, breakingPoints } from "./arrangements.ts";
import { comeBack } from "./breaking.ts";
import { costRows } from "./cost-rows.ts";
import type { UnitCosts } from "./costs.ts";
import { demandOf } from "./demand.ts";
import { fixedLimits } from "./fixed-limits.ts";
import { measureCluster, whyNoCluster } from "./measure/cluster.ts";
import { measureFronts } from "./measure/fronts.ts";
import { measureOneProcess } from "./measure/one-process.ts";
import { needsOfCluster, needsOfOne, needsOfServices } from "./needs.ts";
import { breakingTable, limitsTable, needsTable } from "./plan-text.ts";
import { LARGE_MACHINE, PROFILE, SERVICES } from "./profile.ts";
import { cluster, frontsOverHub, oneProcess, type Ground } from "./systems.ts";
import { validate } from "./validate.ts";

/** The store of relays that are alone. */
const STORE = "segments";
const [THOUSAND, SIXTY_THOUSAND, MILLION] = [1000, 60_000, 1_000_000];
const FRONTS = 4;

/**
 * `npm run bench -- scale`: measures what each thing costs, reckons what populations need, raises them in a simulation
 * until something breaks, and holds the simulation against the real thing. Prints the tables of docs/SCALE.md.
 */
export async function benchScale(): Promise<Row[]> {
  const missing = whyNoCluster();
  if (missing !== undefined) throw new RangeError(missing);
  const costs: UnitCosts = {
    one: await measured("one process", () => measureOneProcess(STORE)),
    fronts: await measured("fronts", () => measureFronts(STORE)),
    cluster: await measured("cluster", measureCluster),
  };
  const ground: Ground = { profile: PROFILE, costs, machine: LARGE_MACHINE };
  const checks = await measured("check", () => validate(ground, STORE, true));
  console.log(`\nMeasured: ${JSON.stringify(costs)}\n`);
  console.log(needsText(ground));
  console.log(`\n${limitsTable(fixedLimits(ground))}`);
  console.log(`\n${breakingTable(breakingPoints(arrangements(ground), ground))}`);
  return [...costRows(costs), ...returnRows(ground), ...checks];
}

/** What populations need, by this code and by what would come after it. */
export function needsText(ground: Ground): string {
  const [everything, followed] = ["everything", "what-is-followed"] as const;
  const today = "relays, today's code";
  const later = "relays told what their clients follow";
  const services = `services of ${SERVICES.people.toLocaleString("en")}, today's code`;
  return needsTable([
    { name: "one relay", needs: needsOfOne(THOUSAND, ground) },
    { name: "one relay", needs: needsOfOne(SIXTY_THOUSAND, ground) },
    { name: today, needs: needsOfCluster(THOUSAND, everything, ground) },
    { name: today, needs: needsOfCluster(SIXTY_THOUSAND, everything, ground) },
    ...[1, 10, 100].flatMap((millions) => [
      { name: today, needs: needsOfCluster(millions * MILLION, everything, ground) },
      { name: later, needs: needsOfCluster(millions * MILLION, followed, ground) },
      { name: services, needs: needsOfServices(millions * MILLION, everything, ground) },
    ]),
  ]);
}

/** How long until all are back who lost their process at one moment. */
export function returnRows(ground: Ground): Row[] {
  const { profile } = ground;
  const of = (people: number): number => demandOf(people, profile).connections;
  const three = { relays: 3, databases: 1, natsServers: 1, telling: "everything" } as const;
  const two = { ...three, relays: 2 };
  const people = SIXTY_THOUSAND;
  const row = (what: string, measured: number): Row => ({ what: `60,000 people, ${what}`, measured, unit: "s" });
  return [
    row(
      "one process starts again: all are back after",
      comeBack(people, of(people), oneProcess(people, ground), profile),
    ),
    row(
      `${String(FRONTS)} fronts over one hub start again: all are back after`,
      comeBack(people, of(people), frontsOverHub(people, FRONTS, ground), profile),
    ),
    row(
      "one of three relays is lost: all are back after",
      comeBack(people, of(people) / 3, cluster(people, two, ground), profile),
    ),
  ];
}

async function measured<T>(name: string, work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  process.stderr.write(`${name} … `);
  const result = await work();
  process.stderr.write(`${((performance.now() - startedAt) / 1000).toFixed(0)} s, `);
  return result;
}
