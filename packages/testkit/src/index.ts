export { describeStructure, type StructureEffort } from "./describe-structure.ts";
export { hex, unhex } from "./hex.ts";
export { repeatableRandom } from "./repeatable-random.ts";
