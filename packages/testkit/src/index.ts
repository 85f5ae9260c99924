export { describeStructure, type StructureEffort } from "./describe-structure.ts";
export { hex, unhex } from "./hex.ts";
export { repeatableRandom } from "./repeatable-random.ts";
export { CONTRACT_LIMITS, describeLogStore, type LogStoreFixture } from "./log-store-contract.ts";
export { describeLineage } from "./lineage-contract.ts";
