import type { Client, ConversationView, MessageView } from "@stonechat/core";
import { MemorySink } from "@stonechat/testkit/memory-files";
import type { Device, SimWorld } from "./device.ts";
import type { Ledger } from "./ledger.ts";

const HOUR_MS = 3_600_000;
const EMOJI = ["👍", "❤️", "😀"];

/** How often users do what. */
export const USUAL = {
  send: 30,
  reply: 4,
  react: 5,
  edit: 4,
  erase: 2,
  attach: 3,
  download: 3,
  read: 6,
  invite: 3,
  accept: 4,
  answer: 14,
  decline: 1,
  group: 5,
  add: 5,
  remove: 4,
  promote: 3,
  demote: 2,
  rename: 4,
  leave: 1.2,
  profile: 1,
  clear: 0.3,
  forget: 0.5,
  vanish: 4,
  timer: 0.5,
  watch: 4,
};
export type UserAction = keyof typeof USUAL;

interface Scene {
  readonly world: SimWorld;
  readonly ledger: Ledger;
}

/** Does one thing on a device, as a user would: looking first, then choosing by lot. */
export function doAction(scene: Scene, device: Device, action: UserAction): Promise<void> {
  return device.act(action, (client) => ACTIONS[action](scene, client, device));
}

type Action = (scene: Scene, client: Client, device: Device) => Promise<unknown>;

async function someConversation(
  { world }: Scene,
  client: Client,
  kind?: "group" | "direct",
): Promise<ConversationView | undefined> {
  const all = await client.conversations();
  return world.lots.pick(
    all.filter((one) => one.state === "active" && one.kind !== "own" && (kind === undefined || one.kind === kind)),
  );
}

async function someMessage(
  scene: Scene,
  client: Client,
  fits: (message: MessageView) => boolean,
): Promise<MessageView | undefined> {
  const conversation = await someConversation(scene, client);
  if (conversation === undefined) return undefined;
  const { messages } = await client.messages(conversation.id, { limit: 30 });
  return scene.world.lots.pick(messages.filter((message) => message.body.type === "text" && fits(message)));
}

/** Sends a text of its own and writes it down once the client has taken it. */
export async function sendText(
  { ledger }: Scene,
  client: Client,
  device: Device,
  conversation: string,
  more: { readonly replyTo?: string; readonly file?: Uint8Array; readonly timerSeconds?: number } = {},
): Promise<string> {
  const text = ledger.newText();
  const { file, ...input } = more;
  const attachments =
    file === undefined ? [] : [{ file, name: ledger.newName("file"), mediaType: "text/plain", kind: "file" as const }];
  const { id } = await client.send(conversation, { text, ...input, attachments });
  ledger.written.set(id, { id, conversation, device: device.name, text, file });
  if (input.timerSeconds !== undefined) ledger.timed.add(id);
  return id;
}

/**
 * Looks at a conversation: nothing is shown whose time has come, and nothing is shown again that went. Clocks jump
 * meanwhile, programs die, disks are full.
 */
export async function watch({ world, ledger }: Scene, client: Client, device: Device, id: string): Promise<void> {
  const { messages } = await client.messages(id, { limit: 200 });
  const shown = new Set(messages.map((message) => message.id));
  for (const { id: message, expiresAt } of messages) {
    if (expiresAt === undefined) continue;
    if (expiresAt <= world.scheduler.now + device.skew) device.fail("shows a message whose time has come");
    const known = `${device.name} ${message}`;
    if (ledger.counting.get(known) === "gone") device.fail("shows a message again that had disappeared");
    ledger.counting.set(known, "shown");
  }
  for (const [known, state] of ledger.counting) {
    const [name, message = ""] = known.split(" ");
    if (name !== device.name || state === "gone" || ledger.written.get(message)?.conversation !== id) continue;
    if (shown.has(message)) continue;
    ledger.counting.set(known, "gone");
    world.counters.add("message disappeared");
  }
}

function newFile({ world, ledger }: Scene): Uint8Array {
  const line = new TextEncoder().encode(`${ledger.newText()}\n`);
  const file = new Uint8Array(line.length * world.lots.between(1, 40));
  for (let at = 0; at < file.length; at += line.length) file.set(line, at);
  return file;
}

async function someMember(scene: Scene, client: Client, conversation: ConversationView): Promise<string | undefined> {
  const members = await client.members(conversation.id);
  return scene.world.lots.pick(members.filter(({ self }) => !self))?.id;
}

async function answer(scene: Scene, client: Client, device: Device): Promise<void> {
  const request = scene.world.lots.pick((await client.requests()).filter(({ type }) => type !== "sent"));
  if (request === undefined) return;
  const known =
    request.type === "group" && (await client.conversations()).some(({ id }) => id === request.conversationId);
  if (known) scene.ledger.rejoined.add(`${device.name} ${request.conversationId}`);
  await client.acceptRequest(request.id);
  if (request.type === "group") scene.world.counters.add("group joined");
}

const ACTIONS: Readonly<Record<UserAction, Action>> = {
  async send(scene, client, device) {
    const conversation = await someConversation(scene, client);
    if (conversation === undefined) return;
    const times = scene.world.lots.chance(0.2) ? 5 : 1;
    for (let i = 0; i < times; i += 1) await sendText(scene, client, device, conversation.id);
  },
  async reply(scene, client, device) {
    const message = await someMessage(scene, client, () => true);
    if (message !== undefined) await sendText(scene, client, device, message.conversationId, { replyTo: message.id });
  },
  async react(scene, client) {
    const message = await someMessage(scene, client, () => true);
    if (message !== undefined)
      await client.react(
        message.conversationId,
        message.id,
        scene.world.lots.pick(EMOJI) ?? "👍",
        scene.world.lots.chance(0.2),
      );
  },
  async edit(scene, client) {
    const message = await someMessage(scene, client, ({ canEdit }) => canEdit);
    if (message !== undefined) await client.edit(message.conversationId, message.id, scene.ledger.newText());
  },
  async erase(scene, client) {
    const message = await someMessage(scene, client, ({ canDeleteForEveryone }) => canDeleteForEveryone);
    if (message === undefined) return;
    scene.ledger.erased.add(message.id);
    await client.deleteForEveryone(message.conversationId, message.id);
  },
  async attach(scene, client, device) {
    const conversation = await someConversation(scene, client);
    if (conversation === undefined) return;
    await sendText(scene, client, device, conversation.id, { file: newFile(scene) });
    scene.world.counters.add("attachment sent");
  },
  async download(scene, client, device) {
    const message = await someMessage(scene, client, ({ attachments }) => attachments.length > 0);
    const attachment = message?.attachments[0];
    if (message === undefined || attachment === undefined) return;
    await client.download(message.conversationId, message.id, attachment.id);
    const sink = new MemorySink();
    await client.openAttachment(message.conversationId, message.id, attachment.id, sink);
    const written = scene.ledger.written.get(message.id)?.file;
    if (written !== undefined && Buffer.compare(sink.bytes(), written) !== 0)
      device.fail("an attachment came out differently");
  },
  async read(scene, client) {
    const message = await someMessage(scene, client, () => true);
    if (message !== undefined) await client.markRead(message.conversationId, message.id);
  },
  async invite(scene, client, device) {
    const { link } = await client.createInvite({
      reusable: scene.world.lots.chance(0.3),
      expiresInMs: scene.world.lots.between(1, 48) * HOUR_MS,
    });
    scene.ledger.links.push({ link, maker: device.name });
  },
  async accept(scene, client, device) {
    const link = scene.world.lots.pick(scene.ledger.links.filter(({ maker }) => maker !== device.name));
    if (link !== undefined) await client.acceptInvite(link.link);
  },
  answer,
  async decline(scene, client, device) {
    const request = scene.world.lots.pick((await client.requests()).filter(({ type }) => type !== "sent"));
    if (request === undefined) return;
    if (request.type === "group") scene.ledger.declined.add(`${device.name} ${request.conversationId}`);
    await client.declineRequest(request.id);
    scene.world.counters.add("request declined");
  },
  async group(scene, client) {
    const contacts = (await client.contacts()).filter(() => scene.world.lots.chance(0.8));
    if (contacts.length === 0) return;
    const { id } = await client.createGroup({
      name: scene.ledger.newName("group"),
      contactIds: contacts.map((contact) => contact.id),
    });
    scene.ledger.groups.add(id);
  },
  async add(scene, client) {
    const conversation = await someConversation(scene, client, "group");
    if (conversation === undefined) return;
    const present = new Set((await client.members(conversation.id)).map(({ id }) => id));
    const contact = scene.world.lots.pick((await client.contacts()).filter(({ id }) => !present.has(id)));
    if (contact !== undefined) await client.addMembers(conversation.id, [contact.id]);
  },
  async remove(scene, client) {
    const conversation = await someConversation(scene, client, "group");
    const member = conversation === undefined ? undefined : await someMember(scene, client, conversation);
    if (conversation === undefined || member === undefined) return;
    await client.removeMember(conversation.id, member);
    scene.world.counters.add("member removed");
    if (scene.world.lots.chance(0.5)) return;
    await client.addMembers(conversation.id, [member]);
    scene.world.counters.add("member added again");
  },
  async promote(scene, client) {
    const conversation = await someConversation(scene, client, "group");
    const member = conversation === undefined ? undefined : await someMember(scene, client, conversation);
    if (conversation !== undefined && member !== undefined) await client.setRole(conversation.id, member, "admin");
  },
  async demote(scene, client) {
    const conversation = await someConversation(scene, client, "group");
    const member = conversation === undefined ? undefined : await someMember(scene, client, conversation);
    if (conversation !== undefined && member !== undefined) await client.setRole(conversation.id, member, "member");
  },
  async rename(scene, client) {
    const conversation = await someConversation(scene, client, "group");
    if (conversation !== undefined) await client.renameGroup(conversation.id, scene.ledger.newName("renamed"));
  },
  async leave(scene, client) {
    const conversation = await someConversation(scene, client, "group");
    if (conversation === undefined) return;
    await client.leaveGroup(conversation.id);
    scene.world.counters.add("member left");
  },
  async profile(scene, client, device) {
    await client.setName(scene.ledger.newName(device.name));
  },
  async clear(scene, client, device) {
    const conversation = await someConversation(scene, client);
    if (conversation === undefined) return;
    scene.ledger.rejoined.add(`${device.name} ${conversation.id}`);
    await client.clearConversation(conversation.id);
  },
  async vanish(scene, client, device) {
    const conversation = await someConversation(scene, client);
    if (conversation === undefined) return;
    const { lots } = scene.world;
    const wanted = lots.pick([5, 30, 120]) ?? 5;
    const timerSeconds = conversation.timerSeconds > 0 ? Math.min(wanted, conversation.timerSeconds) : wanted;
    const file = lots.chance(0.2) ? newFile(scene) : undefined;
    await sendText(scene, client, device, conversation.id, { timerSeconds, ...(file === undefined ? {} : { file }) });
  },
  async timer(scene, client) {
    const conversation = await someConversation(scene, client);
    if (conversation === undefined) return;
    scene.ledger.timed.add(conversation.id);
    await client.setTimer(conversation.id, scene.world.lots.pick([0, 10, 60]) ?? 0);
    scene.world.counters.add("timer set");
  },
  async watch(scene, client, device) {
    for (const { id } of await client.conversations()) await watch(scene, client, device, id);
  },
  async forget(scene, client, device) {
    const message = await someMessage(scene, client, () => true);
    if (message === undefined) return;
    scene.ledger.rejoined.add(`${device.name} ${message.conversationId}`);
    await client.deleteForMe(message.conversationId, message.id);
  },
};
