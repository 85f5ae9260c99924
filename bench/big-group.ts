import { ClientWorld, type Person } from "@stonechat/testkit/client-world";

/** A group in one process: real cores, a real relay service, real MLS, memory instead of disks. */
export interface BigGroup {
  readonly world: ClientWorld;
  readonly conversation: string;
  /** Whose store is measured. */
  receiver: Person;
  /** The members that write; all others are closed, so that they cost no time. */
  readonly senders: readonly Person[];
}

/** Makes a group of `size`, by inviting each member and letting each accept. */
export async function makeBigGroup(size: number, senderCount: number): Promise<BigGroup> {
  const world = new ClientWorld();
  const founder = await world.join("Founder");
  const members: Person[] = [];
  for (let i = 1; i < size; i += 1) {
    const member = await world.join(`Member ${String(i)}`);
    await world.connect(founder, member);
    members.push(member);
  }
  const contactIds = (await founder.client.contacts()).map(({ id }) => id);
  const { id } = await world.until(founder.client.createGroup({ name: "Bench", contactIds }));
  await world.settle(founder, ...members);
  for (const member of members) {
    const [request] = await member.client.requests();
    if (request === undefined) throw new RangeError("a member was not asked");
    await world.until(member.client.acceptRequest(request.id));
  }
  await world.settle(founder, ...members);
  const [receiver, ...others] = members;
  if (receiver === undefined) throw new RangeError("a group needs two");
  // Spread over the tree: each has a ratchet and a path of its own.
  const senders = others.filter((_, i) => i % Math.ceil(others.length / senderCount) === 0);
  for (const person of [founder, ...others]) if (!senders.includes(person)) await person.client.close();
  return { world, conversation: id, receiver, senders };
}

/** @throws if anything went wrong in the background of a client: its figures would mean nothing. */
export function checkNoFailures({ receiver, senders }: BigGroup): void {
  const [failure] = [receiver, ...senders].flatMap(({ failures }) => failures);
  if (failure !== undefined) throw new Error("a client failed", { cause: failure });
}
