export { describeStructure, type StructureEffort } from "./describe-structure.ts";
