import type { ConversationKind, Profile } from "./profile.ts";

const HOUR_SECONDS = 3600;

/** What so many people ask of the service, from the profile alone. Rates by the second, of the mean of the busy hour. */
export interface Demand {
  readonly people: number;
  readonly devices: number;
  /** Sockets held in the busy hour. */
  readonly connections: number;
  readonly subscriptions: number;
  readonly logs: number;
  /** Messages, receipts, notes to the own group and commits. */
  readonly entriesPerDay: number;
  readonly entriesPerSecond: number;
  /** To sockets that are connected; who is away reads later, and is in {@link deliveriesPerDay}. */
  readonly pushesPerSecond: number;
  readonly deliveriesPerDay: number;
  readonly meanEntryBytes: number;
  readonly reconnectsPerSecond: number;
  /** Kept at any time, when the service has run for as long as it keeps things. */
  readonly entriesKept: number;
  readonly bodyBytesKept: number;
  readonly blobBytesKept: number;
  readonly bodyBytesPerDay: number;
  readonly blobBytesPerDay: number;
  readonly blobFetchBytesPerDay: number;
  readonly commitsPerDay: number;
  readonly receiptsPerDay: number;
}

/** Follows a profile for `people`. */
export function demandOf(people: number, profile: Profile): Demand {
  const day = personDay(profile);
  const devices = people * profile.devicesPerPerson;
  const following = devices * profile.onlineAtPeak;
  const connections = following * profile.servicesPerDevice;
  const peak = profile.busyHourShare / HOUR_SECONDS;
  const { messages, receipts, own, commits } = day;
  const ordinary = messages + receipts + own;
  const ordinaryBytes = messages * profile.messageBytes + (receipts + own) * profile.receiptBytes;
  const commitBytes = commits * profile.commitBytes;
  const entriesPerDay = people * (ordinary + commits);
  const blobBytesPerDay = people * profile.blobsPerPersonDay * profile.blobBytes;
  return {
    people,
    devices,
    connections,
    subscriptions: following * profile.logsFollowedPerDevice,
    logs: people * profile.logsPerPerson,
    entriesPerDay,
    entriesPerSecond: entriesPerDay * peak,
    pushesPerSecond: people * day.deliveries * profile.onlineAtPeak * peak,
    deliveriesPerDay: people * day.deliveries,
    meanEntryBytes: (ordinaryBytes + commitBytes) / (ordinary + commits),
    reconnectsPerSecond: devices * profile.servicesPerDevice * profile.reconnectsPerDeviceDay * peak,
    entriesKept: people * (ordinary * profile.retentionDays + commits * profile.commitRetentionDays),
    bodyBytesKept: people * (ordinaryBytes * profile.retentionDays + commitBytes * profile.commitRetentionDays),
    blobBytesKept: blobBytesPerDay * profile.retentionDays,
    bodyBytesPerDay: people * (ordinaryBytes + commitBytes),
    blobBytesPerDay,
    blobFetchBytesPerDay: blobBytesPerDay * profile.fetchesPerBlob,
    commitsPerDay: people * commits,
    receiptsPerDay: people * receipts,
  };
}

interface PersonDay {
  readonly messages: number;
  readonly receipts: number;
  readonly own: number;
  readonly commits: number;
  /** Entries that other devices of the same logs get sooner or later. */
  readonly deliveries: number;
}

function personDay(profile: Profile): PersonDay {
  const { devicesPerPerson, messagesPerPersonDay, ownGroupEntriesPerPersonDay: own } = profile;
  let [receipts, deliveries] = [0, 0];
  for (const kind of profile.conversations) {
    const messages = messagesPerPersonDay * kind.shareOfMessages;
    const answered = messages * receiptsOf(kind, profile);
    receipts += answered;
    deliveries += (messages + answered) * (kind.members * devicesPerPerson - 1);
  }
  const commits = devicesPerPerson * profile.commitsPerDeviceDay;
  const meanOthers = deliveries / (messagesPerPersonDay + receipts);
  deliveries += own * (devicesPerPerson - 1) + commits * meanOthers;
  return { messages: messagesPerPersonDay, receipts, own, commits, deliveries };
}

/** That follow one message: of every device of everybody else. */
function receiptsOf({ members }: ConversationKind, profile: Profile): number {
  if (members > profile.maxMembersForReceipts) return 0;
  return (members - 1) * profile.devicesPerPerson * profile.receiptsPerDeliveryToDevice;
}
