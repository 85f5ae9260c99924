import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Whose files take longest, one of them minutes: begun last, each would leave the other workers idle at the end. */
const LONGEST = "sim";

/** Runs the simulator's files before all others that may run beside them. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const orderOf = ({ project }: TestSpecification): number => {
      const { groupOrder } = project.config.sequence;
      return project.name === LONGEST ? groupOrder - 0.5 : groupOrder;
    };
    return sorted.toSorted((a, b) => orderOf(a) - orderOf(b));
  }
}
