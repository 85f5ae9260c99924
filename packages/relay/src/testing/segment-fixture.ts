import { initCrypto } from "@stonechat/crypto/issuer";
import { repeatableRandom } from "@stonechat/testkit";
import { MemorySegmentFiles } from "@stonechat/testkit/memory-segment-files";
import type { ReadOutcome } from "../logs/log-store.ts";
import { MemorySegmentState } from "../segments/segment-state.ts";
import { SegmentStore } from "../segments/segment-store.ts";
import { entryId, hashOf, logId } from "./service-fixture.ts";

const LIMITS = { logQuotaBytes: 1e7, commitHeadroomBytes: 1e6 };
const SEGMENT_BYTES = 4000;
export const NEVER = 1e13;

/** A segment store on a disk in memory, with small segments. Log `n` has the tokens `read` and `append`. */
export class SegmentFixture {
  readonly files: MemorySegmentFiles;
  readonly state: MemorySegmentState;
  store: SegmentStore;

  private constructor(files: MemorySegmentFiles, state: MemorySegmentState, store: SegmentStore) {
    this.files = files;
    this.state = state;
    this.store = store;
  }

  static async open(seed = 1): Promise<SegmentFixture> {
    await initCrypto();
    const [files, state] = [new MemorySegmentFiles(seed), new MemorySegmentState()];
    return new SegmentFixture(files, state, await openOn(files, state, seed));
  }

  /** Once more, after a crash or a close. */
  async reopen(): Promise<void> {
    this.store = await openOn(this.files, this.state, 2);
  }

  /** The machine stops, with the fate that is named for what no sync covered. */
  crash(fate: "keep" | "drop" | "any" = "drop"): void {
    this.files.crash(fate);
    this.state.crash();
  }

  async create(n: number): Promise<void> {
    const [readHash, appendHash] = [hashOf("read"), hashOf("append")];
    await this.store.create({ logId: logId(n), readHash, appendHash, ownerHash: hashOf("owner") });
  }

  /** @returns the position. */
  async append(n: number, entry: number, body: Uint8Array, expiresAt = NEVER): Promise<number> {
    const what = { logId: logId(n), appendHash: hashOf("append"), entryId: entryId(entry), expiresAt, body };
    const outcome = await this.store.append(what);
    if (outcome.type !== "appended") throw new Error(outcome.type);
    return outcome.seq;
  }

  read(n: number, now = 0, from = 0): Promise<ReadOutcome> {
    const what = { logId: logId(n), readHash: hashOf("read"), from, limit: 500, maxBytes: 1e7, now };
    return this.store.read(what);
  }

  /** Positions and first bytes of all entries of a log. */
  async entries(n: number, now = 0): Promise<readonly (readonly [number, number | undefined])[]> {
    const page = await this.read(n, now);
    if (page.type !== "page") throw new Error(page.type);
    return page.entries.map(({ seq, body }) => [seq, body[0]] as const);
  }

  /** Erases what expired, on the disk too. */
  async expire(now: number): Promise<void> {
    while ((await this.store.expire(now, 7)).more);
    await this.store.swept();
  }

  /** Names of the files that hold these bytes. */
  filesWith(bytes: Uint8Array): readonly string[] {
    const contents = [...this.files.contents()];
    return contents.filter(([, all]) => Buffer.from(all).includes(Buffer.from(bytes))).map(([name]) => name);
  }
}

async function openOn(files: MemorySegmentFiles, state: MemorySegmentState, seed: number): Promise<SegmentStore> {
  return await SegmentStore.open({
    ...{ files: files.session(), state: state.session(), limits: LIMITS, reserveBytes: 0 },
    ...{ segmentBytes: SEGMENT_BYTES, recentBytes: 0, random: repeatableRandom(seed) },
    schedule: (work) => {
      setImmediate(work);
    },
  });
}
