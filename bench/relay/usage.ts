/** How people use a relay: what the scale plan of docs/OPERATING.md is reckoned with. Change it to your own. */
export interface Usage {
  /** Devices of one person that are connected in the busiest hour. */
  readonly devices: number;
  /** Conversations of one person, each a log that all its devices follow. */
  readonly conversations: number;
  /** Connected devices that follow one conversation, the sender's among them. */
  readonly followers: number;
  /** Messages that one person sends a day, receipts and reactions included. */
  readonly messagesADay: number;
  /** Part of a day's messages that is sent in its busiest hour. */
  readonly busiestHour: number;
  /** Bytes of a message as it is stored: padded to 256 times a power of two. */
  readonly bodyBytes: number;
  readonly retentionDays: number;
}

export const USUAL: Usage = {
  devices: 1.2,
  conversations: 30,
  followers: 6,
  messagesADay: 100,
  busiestHour: 0.15,
  bodyBytes: 1024,
  retentionDays: 30,
};

/** Messages a second that `people` send in their busiest hour. */
export function busiestRate(people: number, { messagesADay, busiestHour }: Usage): number {
  return (people * messagesADay * busiestHour) / 3600;
}
