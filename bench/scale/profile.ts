/** One kind of conversation: how much of all writing happens in it, and how many people are in it. */
export interface ConversationKind {
  readonly name: string;
  readonly shareOfMessages: number;
  readonly members: number;
}

/** How people use the service: what every figure of the scale plan follows from. Sizes in bytes, times as named. */
export interface Profile {
  readonly devicesPerPerson: number;
  readonly onlineAtPeak: number;
  readonly servicesPerDevice: number;
  readonly messagesPerPersonDay: number;
  readonly conversations: readonly ConversationKind[];
  readonly maxMembersForReceipts: number;
  readonly receiptsPerDeliveryToDevice: number;
  readonly ownGroupEntriesPerPersonDay: number;
  readonly logsFollowedPerDevice: number;
  readonly commitsPerDeviceDay: number;
  readonly messageBytes: number;
  readonly receiptBytes: number;
  readonly commitBytes: number;
  readonly busyHourShare: number;
  readonly busiestSecond: number;
  readonly newsEvent: number;
  readonly reconnectsPerDeviceDay: number;
  readonly comeBackSeconds: number;
  readonly blobsPerPersonDay: number;
  readonly blobBytes: number;
  readonly fetchesPerBlob: number;
  readonly retentionDays: number;
  readonly commitRetentionDays: number;
  readonly logsPerPerson: number;
}

/** Change any of these and run `npm run bench -- scale` again. */
export const PROFILE: Profile = {
  // A phone each, and a third of the people a computer besides.
  devicesPerPerson: 1.3,
  // In the busy hour many devices sleep or are out of reach; a messenger that is open all day has this many connected.
  onlineAtPeak: 0.4,
  // All of one's conversations are at one relay, or at relays over one database.
  servicesPerDevice: 1,
  // What large public messengers report is 40 to 50 a person and day.
  messagesPerPersonDay: 40,
  // Most writing is between two; a few large groups are read by many.
  conversations: [
    { name: "two people", shareOfMessages: 0.6, members: 2 },
    { name: "a small group", shareOfMessages: 0.3, members: 8 },
    { name: "a large group", shareOfMessages: 0.1, members: 60 },
  ],
  // The client sends no receipts in larger groups (core/content/receipts.ts).
  maxMembersForReceipts: 20,
  // "Delivered" and "read" would be 2; what happens within two seconds shares one.
  receiptsPerDeliveryToDevice: 1.2,
  // Read positions, drafts and settings for one's own other devices.
  ownGroupEntriesPerPersonDay: 30,
  // Contacts, groups, the own group and open invites.
  logsFollowedPerDevice: 30,
  // Each device renews its keys weekly in a conversation that it writes to; of thirty it writes to twelve a week.
  commitsPerDeviceDay: 12 / 7,
  // A text of a line or two in an MLS message, padded to 256 × 2^k.
  messageBytes: 1024,
  // A handful of message ids, padded.
  receiptBytes: 512,
  // A path of X-Wing keys in small trees, with the rare large one averaged in.
  commitBytes: 8192,
  // Of a day's traffic in its busiest hour: 2.4 times the mean hour.
  busyHourShare: 0.1,
  // The busiest second of that hour against its mean.
  busiestSecond: 2,
  // Everybody writes at once, for some minutes, on top of the busy hour.
  newsEvent: 5,
  // Phones change networks and sleep.
  reconnectsPerDeviceDay: 20,
  // When a process is lost: the client's first try comes after 0.25 to 0.5 s (core/sync/relay-link.ts), later ones later.
  comeBackSeconds: 0.5,
  // Pictures and voice notes.
  blobsPerPersonDay: 1.5,
  blobBytes: 400 * 1024,
  // The sizes of conversations above, less those who do not look.
  fetchesPerBlob: 3,
  // The relay's default settings.
  retentionDays: 30,
  commitRetentionDays: 90,
  // Logs that exist, by person: a log of two belongs half to each.
  logsPerPerson: 14,
};

/** What is rented or bought, and was not measured here. Change it to what you have. */
export interface Machine {
  readonly cores: number;
  /** What a thread gets of a core: less than 1 where others compute too. */
  readonly threadShare: number;
  readonly memoryBytes: number;
  readonly networkBytesPerSecond: number;
  readonly diskBytesPerSecond: number;
  readonly syncMs: number;
  readonly openFiles: number;
}

const GIB = 1024 ** 3;
const GIGABIT = 125_000_000;

/** The smallest server that people rent. Assumed, all of it. */
export const SMALL_MACHINE: Machine = {
  cores: 2,
  threadShare: 1,
  memoryBytes: 4 * GIB,
  networkBytesPerSecond: GIGABIT,
  diskBytesPerSecond: 200_000_000,
  syncMs: 1,
  openFiles: 200_000,
};

/** One of several: what a data centre offers as an ordinary large server. Assumed, all of it. */
export const LARGE_MACHINE: Machine = {
  cores: 32,
  threadShare: 1,
  memoryBytes: 128 * GIB,
  networkBytesPerSecond: 10 * GIGABIT,
  diskBytesPerSecond: 2_000_000_000,
  syncMs: 1,
  openFiles: 1_000_000,
};

/** Many services instead of one large one: how many people each has, and at how many a device has conversations. */
export const SERVICES = { people: 500_000, perDevice: 3 };

/** Of any part's capacity: what is planned for, so that the rest carries what comes unevenly. */
export const PLANNED_USE = 0.6;
