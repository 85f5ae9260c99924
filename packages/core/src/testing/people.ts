import type { ClientWorld, Person } from "@stonechat/testkit/client-world";
import type { AlarmType, ClientEvent, MessageView, Notice, RequestView } from "../client-api.ts";

/** Texts of a conversation as one person sees them, oldest first. */
export async function textsOf({ client }: Person, conversation: string): Promise<readonly string[]> {
  const { messages } = await client.messages(conversation, { limit: 200 });
  return messages.flatMap(({ body }) => (body.type === "text" ? [body.text] : []));
}

/** Lines that nobody wrote, oldest first. */
export async function noticesOf({ client }: Person, conversation: string): Promise<readonly Notice[]> {
  const { messages } = await client.messages(conversation, { limit: 200 });
  return messages.flatMap(({ body }) => (body.type === "notice" ? [body.notice] : []));
}

export async function lastMessageOf({ client }: Person, conversation: string): Promise<MessageView> {
  const { messages } = await client.messages(conversation, { limit: 1 });
  const last = messages.at(-1);
  if (last === undefined) throw new RangeError("there is no message");
  return last;
}

/** Names of a conversation's members, with a star for admins and a question mark for those who have not agreed. */
export async function membersOf({ client }: Person, conversation: string): Promise<readonly string[]> {
  const members = await client.members(conversation);
  return members.map(({ name, role, invited }) => name + (role === "admin" ? "*" : "") + (invited ? "?" : "")).sort();
}

export async function idOf({ client }: Person): Promise<string> {
  const account = await client.account();
  if (account === undefined) throw new RangeError("there is no account");
  return account.id;
}

export function eventsOf<T extends ClientEvent["type"]>(
  { events }: Person,
  type: T,
): readonly Extract<ClientEvent, { readonly type: T }>[] {
  return events.filter((event): event is Extract<ClientEvent, { readonly type: T }> => event.type === type);
}

export function alarmsOf(person: Person): readonly AlarmType[] {
  return eventsOf(person, "alarm").map(({ alarm }) => alarm);
}

export async function requestOf({ client }: Person): Promise<RequestView> {
  const [request] = await client.requests();
  if (request === undefined) throw new RangeError("there is no request");
  return request;
}

/** Lets people of these names join, one after the other. */
export async function joinAll<const Names extends readonly string[]>(
  world: ClientWorld,
  ...names: Names
): Promise<{ readonly [Place in keyof Names]: Person }> {
  const people: Person[] = [];
  for (const name of names) people.push(await world.join(name));
  return people as { readonly [Place in keyof Names]: Person }; // one for each name
}

/** A group that `founder` makes and all others join; they must be the founder's contacts. */
export async function makeGroup(
  world: ClientWorld,
  name: string,
  founder: Person,
  ...others: readonly Person[]
): Promise<string> {
  const contactIds = await Promise.all(others.map(idOf));
  const { id } = await founder.client.createGroup({ name, contactIds });
  await world.settle(founder, ...others);
  for (const person of others) await world.until(person.client.acceptRequest((await requestOf(person)).id));
  await world.settle(founder, ...others, founder);
  return id;
}

/** Makes the first one everybody's contact. */
export async function connectAll(world: ClientWorld, hub: Person, ...others: readonly Person[]): Promise<void> {
  for (const person of others) await world.connect(hub, person);
}
