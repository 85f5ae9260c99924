import { MemoryBlockFiles } from "@stonechat/testkit/memory-block-files";
import { checkNoFailures, makeBigGroup, type BigGroup } from "./big-group.ts";
import { median } from "./percentiles.ts";
import { createProse } from "./prose.ts";
import type { Row } from "./row.ts";

const MEMBERS = 100;
const SENDERS = 10;
const TEXT_BYTES = 1024;
/** Each sender renews its keys after 100 messages: more than that, so that commits have their part. */
const WARM_UP = 100;
const SINGLE = 1500;
const BURST = 400;

type Prose = (bytes: number) => string;

/** Bytes that a receiver's store writes, write-ahead log and checkpoints included, in a conversation of 100. */
export async function benchStorage(): Promise<Row[]> {
  const group = await makeBigGroup(MEMBERS, SENDERS);
  const text = createProse(1);
  await oneByOne(group, WARM_UP, text);
  const single = await oneByOne(group, SINGLE, text);
  const burst = await afterAbsence(group, BURST, text);
  checkNoFailures(group);
  const baseline = { what: "the text alone", value: TEXT_BYTES / 1024 };
  const target = { of: "measured", atMost: 16 } as const;
  const of = `${String(MEMBERS)} members, 1 KiB text`;
  return [
    { what: `${of}, one at a time: written each`, measured: single.kib, unit: "KiB", baseline, target },
    { what: `${of}, one at a time: median`, measured: single.medianKib, unit: "KiB", baseline },
    { what: `${of}, one at a time: syncs each`, measured: single.flushes, unit: "syncs" },
    { what: `${of}, after an absence: written each`, measured: burst.kib, unit: "KiB", baseline, target },
    { what: `${of}, after an absence: syncs each`, measured: burst.flushes, unit: "syncs" },
  ];
}

/** Members write in turn, and each message is received before the next. The median leaves out checkpoints and commits. */
async function oneByOne(
  { world, conversation, receiver, senders }: BigGroup,
  count: number,
  text: Prose,
): Promise<{ readonly kib: number; readonly medianKib: number; readonly flushes: number }> {
  const disk = diskOf(receiver);
  const [bytesBefore, flushesBefore] = [disk.bytesWritten, disk.flushes];
  const each: number[] = [];
  for (let i = 0; i < count; i += 1) {
    const before = disk.bytesWritten;
    const sender = senders[i % senders.length] ?? receiver;
    await world.until(sender.client.send(conversation, { text: text(TEXT_BYTES) }));
    await world.settle(sender, receiver);
    each.push((disk.bytesWritten - before) / 1024);
  }
  return {
    kib: (disk.bytesWritten - bytesBefore) / count / 1024,
    medianKib: median(each),
    flushes: (disk.flushes - flushesBefore) / count,
  };
}

/** The receiver was closed while others wrote, opens again and takes in all. */
async function afterAbsence(
  group: BigGroup,
  count: number,
  text: Prose,
): Promise<{ readonly kib: number; readonly flushes: number }> {
  const { world, conversation, senders } = group;
  const disk = diskOf(group.receiver);
  await group.receiver.client.close();
  for (let i = 0; i < count; i += 1)
    await world.until(
      (senders[i % senders.length] ?? group.receiver).client.send(conversation, { text: text(TEXT_BYTES) }),
    );
  await world.settle(...senders);
  const [bytesBefore, flushesBefore] = [disk.bytesWritten, disk.flushes];
  group.receiver = await world.open(disk);
  await world.settle(group.receiver);
  return {
    kib: (disk.bytesWritten - bytesBefore) / count / 1024,
    flushes: (disk.flushes - flushesBefore) / count,
  };
}

function diskOf({ files }: BigGroup["receiver"]): MemoryBlockFiles {
  if (!(files instanceof MemoryBlockFiles)) throw new RangeError("the receiver's store is not in memory");
  return files;
}
