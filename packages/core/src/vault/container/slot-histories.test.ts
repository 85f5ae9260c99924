import { fc, test } from "@fast-check/vitest";
import { initCrypto } from "@stonechat/crypto";
import { MemoryBlockFiles } from "@stonechat/testkit/memory-block-files";
import { beforeAll, expect } from "vitest";
import type { BlockFile } from "../../ports/block-file.ts";
import { quickRandom } from "../../testing/quick-random.ts";
import { BLOCK_BYTES, Container, DATABASE_FILE, type Slot } from "./index.ts";

beforeAll(initCrypto);

/** So few loose entries that every history has commits with them, and others that put them into the maps. */
const SIZES = { headerBytes: BLOCK_BYTES, chunkBytes: 16 * BLOCK_BYTES, looseEntries: 3 };
/** Without a growth on the way. */
const ROOMY = { headerBytes: BLOCK_BYTES, chunkBytes: 64 * BLOCK_BYTES };
/** Two slots of one container; the files of both take part in every history. */
const SLOTS = [0, 2] as const;
const FILES = SLOTS.flatMap((slot) => [DATABASE_FILE, "a", "b"].map((name) => ({ slot, name })));

const anyFile = fc.nat(FILES.length - 1);
const place = fc.oneof(fc.nat(3 * BLOCK_BYTES), fc.nat(200 * BLOCK_BYTES), fc.constant(BLOCK_BYTES));
const steps = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("write" as const),
      file: anyFile,
      at: place,
      length: fc.nat(3 * BLOCK_BYTES),
      fill: fc.integer({ min: 1, max: 255 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("truncate" as const), file: anyFile, size: place }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("flush" as const), file: anyFile }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("reopen" as const), file: anyFile }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("remove" as const), file: anyFile }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("crash" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("kill" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("end" as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("fault" as const),
      fault: fc.constantFrom("full" as const, "io" as const, "power-cut" as const, "power-cut" as const),
      on: fc.constantFrom("change" as const, "flush" as const),
      after: fc.nat(4),
    }),
  },
);
type Step = typeof steps extends fc.Arbitrary<infer T> ? T : never;

/** What a file must hold. */
type Expected = {
  now: Uint8Array;
  /** What its last flush covered, or was found by this life. */
  flushed: Uint8Array;
  /** What flushes that failed in this life would have covered: a kill may show it, and a loss of power leave it. */
  refused: readonly Uint8Array[];
  /** What a loss of power may leave because what this life found need not be durable. */
  before: readonly Uint8Array[];
};
const EMPTY = new Uint8Array(0);
const PROBE = "probe";

/** A life of one container beside a model of it. A file that was never made and an empty one are the same here. */
class History {
  readonly disk: MemoryBlockFiles;
  readonly #expected: Expected[] = FILES.map(() => ({ now: EMPTY, flushed: EMPTY, refused: [], before: [] }));
  #file: BlockFile | undefined;
  #files: (BlockFile | undefined)[] = [];
  #container: Container | undefined;
  #slots = new Map<number, Slot>();

  constructor(seed: number) {
    this.disk = new MemoryBlockFiles(seed);
  }

  async begin(): Promise<void> {
    this.#file = await this.disk.open("vault");
    this.#container = Container.create(this.#file, quickRandom(this.disk.random() * 2 ** 32), SIZES);
    for (const slot of SLOTS) this.#slots.set(slot, this.#container.formatSlot(slot, keyOf(slot)));
  }

  async run(step: Step): Promise<void> {
    switch (step.kind) {
      case "crash":
      case "end":
      case "kill":
        return this.#restart(step.kind);
      case "fault": {
        let left = step.after;
        this.disk.decide = ({ kind, file }) => {
          if (file === PROBE || (step.on === "flush" && kind !== "flush")) return undefined;
          left -= 1;
          return left === -1 ? step.fault : undefined;
        };
        return;
      }
      default:
        return this.#change(step);
    }
  }

  async #change(step: Exclude<Step, { kind: "crash" | "kill" | "end" | "fault" }>): Promise<void> {
    const wanted = this.#of(step.file);
    try {
      const file = await this.#open(step.file);
      switch (step.kind) {
        case "write":
          file.write(new Uint8Array(step.length).fill(step.fill), step.at);
          if (step.length > 0) wanted.now = written(wanted.now, step);
          break;
        case "truncate":
          file.truncate(step.size);
          wanted.now = resized(wanted.now, step.size);
          break;
        case "flush":
          file.flush();
          this.#committed(step.file, wanted.now);
          break;
        case "reopen":
          this.#close(step.file);
          break;
        case "remove": {
          this.#close(step.file);
          const { slot, name } = FILES[step.file] ?? { slot: 0, name: "" };
          wanted.refused = [...wanted.refused, EMPTY];
          await this.#slot(slot).files.delete(name);
          wanted.now = EMPTY;
          this.#committed(step.file, EMPTY);
          break;
        }
      }
      this.#check(step.file);
    } catch (error) {
      expect(error).toMatchObject({ name: "StorageError", code: /full|io/ });
      // The last flush holds; a flush that failed may still have reached the disk.
      if (step.kind === "flush") wanted.refused = [...wanted.refused, wanted.now];
      if (this.#powerless) return this.#restart("crash");
      wanted.now = wanted.flushed;
      this.#close(step.file);
      this.#files[step.file] = undefined;
    }
  }

  get #powerless(): boolean {
    const before = this.disk.operations;
    try {
      return this.disk.meet("flush", PROBE, 0) === "power-cut";
    } finally {
      this.disk.operations = before;
    }
  }

  /** A new life of the program: after a loss of power, after it alone was killed, after a clean end. */
  async #restart(how: "crash" | "kill" | "end"): Promise<void> {
    if (how === "crash") this.disk.crash();
    else this.disk.decide = () => undefined;
    if (how === "end") this.#container?.close();
    if (how !== "kill") this.#file = await this.disk.open("vault");
    this.#files = [];
    if (this.#file === undefined) throw new RangeError("not begun");
    this.#container = Container.open(this.#file, quickRandom(this.disk.random() * 2 ** 32), SIZES);
    for (const slot of SLOTS) {
      const opened = this.#container.openSlot(slot, keyOf(slot));
      if (opened === undefined) throw new Error("a slot does not open any more");
      this.#slots.set(slot, opened);
    }
    for (const at of FILES.keys()) await this.#compare(at, how);
  }

  async #compare(at: number, how: "crash" | "kill" | "end"): Promise<void> {
    const { slot, name } = FILES[at] ?? { slot: 0, name: "" };
    const { flushed, refused, before } = this.#of(at);
    const isThere = await this.#slot(slot).files.exists(name); // opening would make it, which is a commit
    const found = isThere ? contents(await this.#open(at)) : EMPTY;
    const allowed = { crash: [flushed, ...refused, ...before], kill: [flushed, ...refused], end: [flushed] }[how];
    expect(allowed.some((one) => Buffer.compare(one, found) === 0)).toBe(true);
    const left = { crash: [], kill: [flushed, ...refused, ...before], end: before }[how];
    this.#expected[at] = { now: found, flushed: found, refused: [], before: left };
  }

  async finish(): Promise<void> {
    await this.#restart("crash");
    await this.#restart("end");
  }

  /** A commit of a slot takes the place of any that failed before in it, and what it stands on is durable. */
  #committed(at: number, bytes: Uint8Array): void {
    for (const [other, { slot }] of FILES.entries()) {
      if (slot === FILES[at]?.slot) Object.assign(this.#of(other), { refused: [], before: [] });
    }
    this.#of(at).flushed = bytes;
  }

  #check(at: number): void {
    const file = this.#files[at];
    if (file === undefined) return;
    expect(Buffer.compare(contents(file), this.#of(at).now)).toBe(0);
  }

  async #open(at: number): Promise<BlockFile> {
    const { slot, name } = FILES[at] ?? { slot: 0, name: "" };
    const known = this.#files[at];
    if (known !== undefined) return known;
    const { files } = this.#slot(slot);
    const isNew = !(await files.exists(name));
    const file = await files.open(name);
    if (isNew) this.#committed(at, EMPTY);
    this.#files[at] = file;
    return file;
  }

  #close(at: number): void {
    this.#files[at]?.close();
    this.#files[at] = undefined;
  }

  #slot(index: number): Slot {
    const slot = this.#slots.get(index);
    if (slot === undefined) throw new RangeError("no such slot");
    return slot;
  }

  #of(at: number): Expected {
    const expected = this.#expected[at];
    if (expected === undefined) throw new RangeError("no such file");
    return expected;
  }
}

test.prop([fc.integer(), fc.array(steps, { maxLength: 80, size: "max" })], { numRuns: 150 })(
  "after any history with crashes and faults each file holds what its own last flush covered",
  async (seed, history) => {
    const life = new History(seed);
    await life.begin();
    for (const step of history) await life.run(step);
    life.disk.decide = () => undefined;
    await life.finish();
  },
  120_000,
);

test("power lost at any change of a commit leaves the state before it or the state after it, whole", async () => {
  const found = { before: 0, after: 0 };
  for (let seed = 0; seed < 120; seed += 1) {
    const disk = new MemoryBlockFiles(seed);
    const slot = Container.create(await disk.open("vault"), quickRandom(seed), ROOMY).formatSlot(0, keyOf(0));
    const file = await slot.files.open(DATABASE_FILE);
    for (const fill of [1, 2]) {
      for (let index = 0; index < 300; index += 60) file.write(page(fill), index * BLOCK_BYTES);
      file.flush();
    }
    file.write(page(3), 60 * BLOCK_BYTES);
    file.write(page(3), 180 * BLOCK_BYTES);
    const cutAt = disk.operations + (seed % 4);
    disk.decide = ({ number }) => (number === cutAt ? "power-cut" : undefined);
    try {
      file.flush();
    } catch (error) {
      expect(error).toMatchObject({ code: "io" });
    }
    disk.crash("mixed");
    const again = Container.open(await disk.open("vault"), quickRandom(seed), ROOMY).openSlot(0, keyOf(0));
    const bytes = contents((await again?.files.open(DATABASE_FILE)) ?? file);
    const fills = [0, 60, 120, 180, 240].map((index) => [
      ...new Set(bytes.subarray(index * BLOCK_BYTES).subarray(0, BLOCK_BYTES)),
    ]);
    const isAfter = fills[1]?.[0] === 3;
    expect(fills).toEqual(isAfter ? [[2], [3], [2], [3], [2]] : [[2], [2], [2], [2], [2]]);
    found[isAfter ? "after" : "before"] += 1;
  }
  expect(found.before).toBeGreaterThan(30);
  expect(found.after).toBeGreaterThan(30);
});

function page(fill: number): Uint8Array {
  return new Uint8Array(BLOCK_BYTES).fill(fill);
}

function keyOf(slot: number): Uint8Array {
  return new Uint8Array(32).fill(slot + 1);
}

function contents(file: BlockFile): Uint8Array {
  const bytes = new Uint8Array(file.size());
  expect(file.read(bytes, 0)).toBe(bytes.length);
  return bytes;
}

function resized(bytes: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(size);
  out.set(bytes.subarray(0, size));
  return out;
}

function written(bytes: Uint8Array, step: { at: number; length: number; fill: number }): Uint8Array {
  const out = resized(bytes, Math.max(bytes.length, step.at + step.length));
  return out.fill(step.fill, step.at, step.at + step.length);
}
