import { initCrypto, padme, STREAM_CHUNK_BYTES } from "@stonechat/crypto";
import { MemoryBlockFiles } from "@stonechat/testkit/memory-block-files";
import { MemorySink, memorySource, pattern } from "@stonechat/testkit/memory-files";
import { beforeAll, describe, expect, test } from "vitest";
import type { BlockFile } from "../ports/block-file.ts";
import type { FileSource } from "../ports/file-port.ts";
import { Cancellation } from "./cancellation.ts";
import { openFile, type FileDescription } from "./open-file.ts";
import { sealFile, type FileSecrets } from "./seal-file.ts";
import { sealedShape } from "./sealed-size.ts";

const STORED_CHUNK = STREAM_CHUNK_BYTES + 16;
const SECRETS: FileSecrets = { key: new Uint8Array(32).fill(1), prefix: new Uint8Array(7).fill(2) };
const ignore = (): void => undefined;

beforeAll(initCrypto);

async function staged(name = "staged"): Promise<BlockFile> {
  return new MemoryBlockFiles(1).open(name);
}

async function sealed(
  bytes: Uint8Array,
  secrets = SECRETS,
): Promise<{ file: BlockFile; description: FileDescription }> {
  const file = await staged();
  const result = await sealFile(memorySource(bytes), file, secrets, new Cancellation(), ignore);
  return { file, description: { ...secrets, ...result } };
}

async function opened(file: BlockFile, description: FileDescription): Promise<Uint8Array> {
  const sink = new MemorySink();
  await openFile(file, description, sink, new Cancellation(), ignore);
  expect(sink.state).toBe("closed");
  return sink.bytes();
}

/** Expects that nothing of the file is shown as whole. */
async function refused(file: BlockFile, description: FileDescription): Promise<void> {
  const sink = new MemorySink();
  const opening = openFile(file, description, sink, new Cancellation(), ignore);
  await expect(opening).rejects.toMatchObject({ name: "AttachmentError", code: "damaged" });
  expect(sink.state).toBe("aborted");
}

describe("a file of", () => {
  test.each([0, 1, 7, 8, 100, 65_527, 65_528, 65_529, 131_063, 131_064, 131_065, 600_000, 1_000_000])(
    "%i bytes comes back as it was, and its stored size is Padmé's",
    async (size) => {
      const bytes = pattern(5, size);
      const { file, description } = await sealed(bytes);
      const padded = padme(8 + size);
      expect(description).toMatchObject({ size, storedSize: padded + 16 * Math.ceil(padded / STREAM_CHUNK_BYTES) });
      expect(file.size()).toBe(description.storedSize);
      expectSame(await opened(file, description), bytes);
    },
  );
});

test("files of slightly different sizes have one stored size", () => {
  expect(sealedShape(1_000_000).storedSize).toBe(sealedShape(1_010_000).storedSize);
});

test("the stored bytes hold nothing of the file, and another key makes all of them other", async () => {
  const bytes = new Uint8Array(200_000).fill(0x41);
  const one = await sealed(bytes);
  const other = await sealed(bytes, { ...SECRETS, key: new Uint8Array(32).fill(9) });
  const [a, b] = [contents(one.file), contents(other.file)];
  expect(Buffer.from(a).includes("AAAA")).toBe(false);
  expect(a.filter((byte, at) => byte === b[at]).length).toBeLessThan(a.length / 100);
});

describe("nothing is shown of a file", () => {
  const size = 3 * STREAM_CHUNK_BYTES;

  test("with any bit flipped in a sample over all of it", async () => {
    const { file, description } = await sealed(pattern(0, 1000));
    const whole = contents(file);
    for (let at = 0; at < whole.length; at += 7) {
      const damaged = whole.slice();
      damaged[at] = (damaged[at] ?? 0) ^ (1 << (at % 8));
      await refused(await fileOf(damaged), description);
    }
  });

  test("that is cut, at a chunk's border or elsewhere, or longer", async () => {
    const { file, description } = await sealed(pattern(0, size));
    const whole = contents(file);
    for (const length of [0, 1, STORED_CHUNK, 2 * STORED_CHUNK, whole.length - 1]) {
      const cut = whole.slice(0, length);
      await refused(await fileOf(cut), description);
      const other = { ...description, storedSize: length };
      await refused(await fileOf(cut), other);
    }
    await refused(await fileOf(Buffer.concat([whole, Uint8Array.of(0)])), description);
  });

  test("with two chunks swapped, one repeated, or one from another file under the same key", async () => {
    const { file, description } = await sealed(pattern(0, size));
    const whole = contents(file);
    const chunk = (at: number): Uint8Array => whole.slice(at * STORED_CHUNK, (at + 1) * STORED_CHUNK);
    const rest = whole.slice(3 * STORED_CHUNK);
    await refused(await fileOf(Buffer.concat([chunk(1), chunk(0), chunk(2), rest])), description);
    await refused(await fileOf(Buffer.concat([chunk(0), chunk(0), chunk(2), rest])), description);
    const other = contents((await sealed(pattern(77, size))).file).slice(STORED_CHUNK, 2 * STORED_CHUNK);
    const mixed = Buffer.concat([chunk(0), other, chunk(2), rest]);
    // Each chunk opens at its place, but the whole is not what the message named.
    await refused(await fileOf(mixed), description);
  });

  test("whose key, prefix, hash or length is another", async () => {
    const { file, description } = await sealed(pattern(0, size));
    await refused(file, { ...description, key: new Uint8Array(32) });
    await refused(file, { ...description, prefix: new Uint8Array(7) });
    await refused(file, { ...description, sha256: new Uint8Array(32) });
    await refused(file, { ...description, size: size - 1 });
    await refused(file, { ...description, size: size + 1 });
    await refused(file, { ...description, size: 0 });
    expectSame(await opened(file, description), pattern(0, size));
  });

  test("that another client padded with something", async () => {
    const { file, description } = await sealed(pattern(1, 1001));
    // A description one byte shorter, of equal stored size, leaves the last byte of the file to be padding.
    const shorter = await sealed(pattern(1, 1000));
    expect(shorter.description.storedSize).toBe(description.storedSize);
    await refused(file, { ...description, size: 1000 });
  });
});

test("a source that becomes shorter while it is read is noticed", async () => {
  const source: FileSource = { ...memorySource(pattern(0, 700_000)), size: 800_000 };
  const sealing = sealFile(source, await staged(), SECRETS, new Cancellation(), ignore);
  await expect(sealing).rejects.toMatchObject({ code: "source-changed" });
});

test("a cancelled file stops, both ways, and is not shown", async () => {
  const bytes = pattern(0, 1_000_000);
  const stop = new Cancellation();
  let calls = 0;
  const sealing = sealFile(memorySource(bytes), await staged(), SECRETS, stop, () => {
    calls += 1;
    if (calls === 3) stop.cancel();
  });
  await expect(sealing).rejects.toMatchObject({ code: "cancelled" });
  expect(calls).toBe(3);
  const { file, description } = await sealed(bytes);
  const sink = new MemorySink();
  const stopped = new Cancellation();
  const opening = openFile(file, description, sink, stopped, () => {
    stopped.cancel();
  });
  await expect(opening).rejects.toMatchObject({ code: "cancelled" });
  expect(sink.state).toBe("aborted");
});

test("a file that no relay could take is refused before it is read", () => {
  expect(() => sealedShape(64 * 1024 ** 3)).toThrow(expect.objectContaining({ code: "too-large" }) as Error);
});

function contents(file: BlockFile): Uint8Array {
  const bytes = new Uint8Array(file.size());
  file.read(bytes, 0);
  return bytes;
}

async function fileOf(bytes: Uint8Array): Promise<BlockFile> {
  const file = await staged();
  file.write(bytes, 0);
  return file;
}

/** Like `toEqual`, which takes half a second for megabytes. */
function expectSame(found: Uint8Array | undefined, expected: Uint8Array): void {
  expect(found !== undefined && Buffer.compare(found, expected) === 0).toBe(true);
}
