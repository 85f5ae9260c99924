/**
 * As much of vitest as a contract suite needs, for a worker in a browser, where vitest itself cannot run. Whatever a
 * suite asks beyond that does not compile.
 */
type Work = () => Promise<void> | void;
type Matcher = (error: unknown) => boolean;

const tests: { readonly name: string; readonly work: Work }[] = [];
const afterEachTest: Work[] = [];
const MATCHER = Symbol("matcher");

export function describe(_name: string, define: () => void): void {
  define();
}

export function afterEach(work: Work): void {
  afterEachTest.push(work);
}

export function test(name: string, work: Work): void {
  tests.push({ name, work });
}

test.each =
  <T>(values: readonly T[]) =>
  (name: string, work: (value: T) => Promise<void> | void): void => {
    for (const value of values) test(name.replace("%j", JSON.stringify(value)), () => work(value));
  };

export function expect(actual: unknown): Expectation {
  return new Expectation(actual);
}

expect.objectContaining = (fields: Readonly<Record<string, unknown>>): { readonly [MATCHER]: Matcher } => ({
  [MATCHER]: (error) => holds(error, fields),
});

class Expectation {
  readonly #actual: unknown;

  constructor(actual: unknown) {
    this.#actual = actual;
  }

  get rejects(): {
    toMatchObject(fields: Readonly<Record<string, unknown>>): Promise<void>;
    toThrow(type: ErrorType): Promise<void>;
  } {
    const reason = Promise.resolve(this.#actual).then(
      () => {
        throw new TypeError("did not reject");
      },
      (error: unknown) => error,
    );
    return {
      toMatchObject: async (fields) => {
        check(holds(await reason, fields), await reason, fields);
      },
      toThrow: async (type) => {
        check((await reason) instanceof type, await reason, type.name);
      },
    };
  }

  toBe(expected: unknown): void {
    check(Object.is(this.#actual, expected), this.#actual, expected);
  }

  toEqual(expected: unknown): void {
    check(JSON.stringify(this.#actual) === JSON.stringify(expected), this.#actual, expected);
  }

  toThrow(expected: { readonly [MATCHER]: Matcher }): void {
    let thrown: unknown;
    try {
      (this.#actual as () => void)(); // by vitest's contract a function
    } catch (error) {
      thrown = error;
    }
    check(thrown !== undefined && expected[MATCHER](thrown), thrown, "another error");
  }
}

type ErrorType = new (...args: never[]) => Error;

function holds(value: unknown, fields: Readonly<Record<string, unknown>>): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(fields).every(([name, field]) => Reflect.get(value, name) === field);
}

function check(ok: boolean, actual: unknown, expected: unknown): void {
  if (!ok) throw new Error(`got ${JSON.stringify(actual) || String(actual)}, expected ${JSON.stringify(expected)}`);
}

/** Runs every test that was defined, one after the other. */
export async function runTests(): Promise<readonly { readonly name: string; readonly problem: string | undefined }[]> {
  const results = [];
  for (const { name, work } of tests) {
    let problem: string | undefined;
    try {
      await work();
    } catch (error) {
      problem = String(error);
    }
    for (const clean of afterEachTest) await clean();
    results.push({ name, problem });
  }
  return results;
}
