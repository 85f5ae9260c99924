export * from "./machine/record.ts";
export { step } from "./machine/step.ts";
export type { Step, StepInput } from "./machine/outcome.ts";
export { isAllowed, isSigned } from "./machine/allowed.ts";
