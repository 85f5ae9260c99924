import { refuse } from "../failure.ts";
import type { Client, ContactView, ConversationView, MemberView, MessageView } from "@stonechat/core";

const MIN_PREFIX = 8;
const MAX_CANDIDATES = 10;
const MESSAGES_SEARCHED = 1_000;
const PAGE = 100;

/** What the own group is called on our screens. */
export const OWN_GROUP_NAME = "Notes to self";

/** The conversation's name for a person: the own group has none of its own. */
export function conversationName(conversation: ConversationView): string {
  return conversation.kind === "own" ? OWN_GROUP_NAME : conversation.name;
}

interface Candidate {
  readonly id: string;
  readonly name: string;
}

/**
 * Finds what a person meant: a whole id, else a name, else a unique beginning of an id (8 digits or more), else a name
 * that differs only in case.
 *
 * @param what - For the refusal, e.g. `conversation`.
 * @param key - Items with the same key are one thing under several names.
 * @throws {@link CliFailure} if nothing or several things match; the candidates are listed with their ids.
 */
export function select<Item extends Candidate>(
  items: readonly Item[],
  wanted: string,
  what: string,
  key = (item: Item): string => item.id,
): Item {
  const name = plainName(wanted);
  const matches: readonly ((item: Item) => boolean)[] = [
    (item) => item.id === wanted.toLowerCase(),
    (item) => plainName(item.name) === name,
    (item) => isIdPrefix(wanted) && item.id.startsWith(wanted.toLowerCase()),
    (item) => plainName(item.name).toLowerCase() === name.toLowerCase(),
  ];
  for (const match of matches) {
    const found = [...new Map(items.filter(match).map((item) => [key(item), item])).values()];
    const [only] = found;
    if (found.length > 1) throw refuse(ambiguous(found, wanted, what));
    if (only !== undefined) return only;
  }
  throw refuse(`There is no ${what} "${wanted}".`);
}

/** The conversation meant by a name or id. A contact's name or id stands for the direct conversation with them. */
export async function selectConversation(client: Client, wanted: string): Promise<ConversationView> {
  const conversations = await client.conversations();
  const contacts = await client.contacts();
  const ways = conversations.map((conversation) => ({
    id: conversation.id,
    name: conversationName(conversation),
    conversation,
  }));
  const byId = new Map(ways.map((way) => [way.id, way.conversation]));
  for (const { id, name, conversationId } of contacts) {
    const conversation = byId.get(conversationId);
    if (conversation !== undefined) ways.push({ id, name, conversation });
  }
  return select(ways, wanted, "conversation", (way) => way.conversation.id).conversation;
}

export async function selectContact(client: Client, wanted: string): Promise<ContactView> {
  return select(await client.contacts(), wanted, "contact");
}

/** A member of a conversation other than myself. */
export async function selectMember(
  client: Client,
  conversation: ConversationView,
  wanted: string,
): Promise<MemberView> {
  const members = await client.members(conversation.id);
  return select(
    members.filter((member) => !member.self),
    wanted,
    "member",
  );
}

/** A group by name or id. @throws {@link CliFailure} also if it is a conversation of another kind. */
export async function selectGroup(client: Client, wanted: string): Promise<ConversationView> {
  const conversation = await selectConversation(client, wanted);
  if (conversation.kind !== "group") throw refuse(`"${wanted}" is not a group.`);
  return conversation;
}

/** A message by its id or the unique beginning of it, among the latest of the conversation. */
export async function selectMessage(
  client: Client,
  conversation: ConversationView,
  wanted: string,
): Promise<MessageView> {
  const id = wanted.toLowerCase();
  if (/^[0-9a-f]{32}$/.test(id)) return await client.message(conversation.id, id);
  if (!isIdPrefix(wanted)) throw refuse(`"${wanted}" is not a message id. "stonechat read" shows the ids.`);
  const found: MessageView[] = [];
  let before: number | undefined;
  for (let seen = 0; seen < MESSAGES_SEARCHED; seen += PAGE) {
    const page = await client.messages(conversation.id, { limit: PAGE, ...(before === undefined ? {} : { before }) });
    found.push(...page.messages.filter((message) => message.id.startsWith(id)));
    before = page.messages[0]?.order;
    if (!page.hasOlder || before === undefined) break;
  }
  const [only] = found;
  if (only === undefined)
    throw refuse(`There is no message "${wanted}" among the latest ${String(MESSAGES_SEARCHED)}.`);
  if (found.length > 1) throw refuse(`Several messages begin with "${wanted}". Give more of the id.`);
  return only;
}

function ambiguous(found: readonly Candidate[], wanted: string, what: string): string {
  const lines = found.slice(0, MAX_CANDIDATES).map(({ id, name }) => `  ${id}  ${name}`);
  const more = found.length > MAX_CANDIDATES ? [`  and ${String(found.length - MAX_CANDIDATES)} more`] : [];
  return [`"${wanted}" could be more than one ${what}. Use the id:`, ...lines, ...more].join("\n");
}

function plainName(name: string): string {
  return name.normalize("NFC").trim();
}

function isIdPrefix(text: string): boolean {
  return text.length >= MIN_PREFIX && /^[0-9a-f]+$/i.test(text);
}
