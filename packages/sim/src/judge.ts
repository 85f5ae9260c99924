import { ClientError, type Client, type ConversationView, type MemberView, type MessageView } from "@stonechat/core";
import type { Device, SimWorld } from "./device.ts";
import type { Ledger } from "./ledger.ts";
import { watch } from "./user-actions.ts";

/** What one device shows of one conversation, at the end. */
interface Shown {
  readonly device: Device;
  readonly conversation: ConversationView;
  readonly messages: readonly MessageView[];
  readonly members: readonly MemberView[];
  /** By message id: who could read it, sorted. */
  readonly readers: ReadonlyMap<string, readonly string[]>;
}

const PAGE = 200;
/** Own messages that were never sent stand from here on. */
const PENDING = 2 ** 52;
const ACKNOWLEDGED = new Set(["sent", "delivered", "read", "expired"]);

export interface Judging {
  readonly world: SimWorld;
  readonly ledger: Ledger;
  readonly devices: readonly Device[];
  /** Messages may have expired before somebody fetched them. */
  readonly expiring: boolean;
  /** The relay lies: only safety counts. */
  readonly hostile: boolean;
}

/** Asks every device what it shows, and compares. What is wrong goes to the run's failures. */
export async function judge(judging: Judging): Promise<void> {
  const byConversation = new Map<string, Shown[]>();
  const pending = new Set<string>();
  for (const device of judging.devices) {
    const { client } = device;
    if (client === undefined) {
      device.fail("does not run at the end");
      continue;
    }
    for (const { id } of await client.conversations()) await watch(judging, client, device, id);
    for (const request of await client.requests())
      if (request.type === "group") pending.add(`${device.name} ${request.conversationId}`);
    for (const conversation of await client.conversations()) {
      const shown = await look(device, client, conversation).catch((error: unknown) => {
        // A device that was lied to may be joining anew just now, and its old messages go.
        if (judging.hostile && error instanceof ClientError && error.code === "not-found") return undefined;
        throw error;
      });
      if (shown === undefined) continue;
      byConversation.set(conversation.id, [...(byConversation.get(conversation.id) ?? []), shown]);
    }
  }
  for (const shown of byConversation.values()) {
    for (const one of shown) judgeOne(judging, one);
    if (judging.hostile) continue;
    judgeOrder(shown);
    judgeMembers(judging, shown, pending);
    judgeDelivery(judging, shown);
  }
  if (!judging.hostile) judgeWritten(judging, byConversation);
}

async function look(device: Device, client: Client, conversation: ConversationView): Promise<Shown> {
  const messages: MessageView[] = [];
  for (let before = Number.MAX_SAFE_INTEGER; ;) {
    const page = await client.messages(conversation.id, { before, limit: PAGE });
    messages.unshift(...page.messages);
    if (!page.hasOlder || page.messages.length === 0) break;
    before = page.messages[0]?.order ?? 0;
  }
  const readers = new Map<string, readonly string[]>();
  for (const { id, body } of messages) {
    if (body.type !== "notice")
      readers.set(id, (await client.readers(conversation.id, id)).readers.map((reader) => reader.id).sort());
  }
  return { device, conversation, messages, members: await client.members(conversation.id), readers };
}

/** What one device shows by itself: nothing twice, nothing from nowhere, no alarm, nothing left to send. */
function judgeOne({ world, ledger, hostile, expiring }: Judging, { device, conversation, messages }: Shown): void {
  const written = messages.filter(({ body }) => body.type !== "notice");
  const texts = new Set<string>();
  for (const { id, body, state } of written) {
    if (!ledger.written.has(id)) maybeUnfinished(ledger, device, id, body);
    if (body.type === "unsupported") device.fail("shows something unsupported");
    if (body.type === "text" && texts.has(body.text)) device.fail("shows a text twice");
    if (body.type === "text") texts.add(body.text);
    if (hostile) continue;
    if (state === "waiting" && conversation.state === "active") device.fail("a message waits at the end");
    const again = ledger.rejoined.has(`${device.name} ${conversation.id}`);
    if (state === "failed" && conversation.state === "active" && !again) device.fail("a message failed for no reason");
  }
  if (hostile) return;
  if (conversation.state === "broken") device.fail(`a ${conversation.kind} conversation is broken`);
  for (const { body } of messages) {
    if (body.type !== "notice") continue;
    if (body.notice.type === "alarm") device.fail(`alarm ${body.notice.alarm}`);
    if (body.notice.type === "missing" && body.notice.reason === "expired") world.counters.add("expired messages said");
    // What expired is seen in the sender's count, too, and said again.
    if (body.notice.type === "missing" && !(expiring && body.notice.reason !== "unreadable"))
      device.fail(`says that something is missing: ${body.notice.reason}`);
  }
}

/** A crash may have come between the message's becoming durable and its user's hearing of it. */
function maybeUnfinished(ledger: Ledger, device: Device, id: string, body: MessageView["body"]): void {
  if (body.type !== "text") return;
  const marker = body.text.split(" ")[0] ?? "";
  if (!ledger.secrets.has(marker)) device.fail(`shows a message that nobody wrote: ${id}`);
}

/** A message stands at the same place on every device. */
function judgeOrder(shown: readonly Shown[]): void {
  const orders = new Map<string, number>();
  for (const { device, messages } of shown) {
    for (const { id, order, body, state } of messages) {
      if (body.type === "notice" || state === "waiting" || state === "failed") continue;
      const known = orders.get(id);
      if (known !== undefined && known !== order)
        device.fail(
          `a message stands at another place than elsewhere: ${id} at ${String(order)}, not ${String(known)}`,
        );
      orders.set(id, order);
    }
  }
}

/** All who are in the conversation see the same of it; and nobody is in it who does not know. */
function judgeMembers(
  { ledger, devices, expiring }: Judging,
  shown: readonly Shown[],
  pending: ReadonlySet<string>,
): void {
  const active = shown.filter(({ conversation }) => conversation.state === "active");
  const describe = ({ conversation, members }: Shown): string =>
    `${conversation.kind === "group" ? conversation.name : ""} ${members
      .map(({ id, role }) => `${id} ${role}`)
      .sort()
      .join(" ")}`;
  const [first] = active;
  if (first === undefined) return;
  const { id } = first.conversation;
  for (const other of active)
    if (describe(other) !== describe(first))
      other.device.fail(`sees other members, roles or name than ${first.device.name}`);
  for (const member of first.members) {
    const device = devices.find((one) => one.id === member.id);
    if (device === undefined) {
      first.device.fail("a member is nobody's account");
      continue;
    }
    const there = active.some((one) => one.device === device);
    const asked = pending.has(`${device.name} ${id}`) || ledger.declined.has(`${device.name} ${id}`);
    // An invitation to a group is a message, and may have expired before it was fetched.
    if (!there && !asked && !expiring)
      device.fail(`is a member of a ${first.conversation.kind} conversation and does not know`);
  }
  for (const { device } of active)
    if (!first.members.some((member) => member.id === device.id)) device.fail("believes to be a member and is not");
}

/** Who has a message may have it; and who may have it has it, if its sender was told that the relay took it. */
function judgeDelivery({ ledger, expiring }: Judging, shown: readonly Shown[]): void {
  for (const sender of shown) {
    for (const message of sender.messages) {
      if (!message.fromSelf || message.body.type === "notice" || !ACKNOWLEDGED.has(message.state)) continue;
      const vanishing = message.timerSeconds !== undefined;
      const readers = sender.readers.get(message.id) ?? [];
      for (const other of shown) {
        if (other === sender) continue;
        const has = other.messages.some(({ id }) => id === message.id);
        if (has && !readers.includes(other.device.id))
          other.device.fail("has a message of an epoch that it was no member of");
        if (has && other.readers.get(message.id)?.join() !== readers.join())
          other.device.fail(
            `names other readers of a message than its sender ${sender.device.name}: ${message.id} at ${String(message.order)}`,
          );
        if (has || expiring || vanishing || !readers.includes(other.device.id)) continue;
        if (ledger.rejoined.has(`${other.device.name} ${sender.conversation.id}`)) continue;
        // Of an earlier membership; whoever was there can tell of the newer one.
        if (message.order < Math.max(...shown.map((one) => lastAdded(one, other.device)))) continue;
        const span = other.messages.map(({ order }) => order).filter((order) => order < PENDING);
        // The removal is the last thing it saw; whether it was added anew and has not answered yet is judged with the members.
        if (other.conversation.state !== "active" && message.order > Math.max(...span)) continue;
        other.device.fail(
          `lost an acknowledged message of ${sender.device.name} (${sender.conversation.kind} ${sender.conversation.id.slice(0, 6)}, ` +
            `${other.conversation.state}): it stands at ${String(message.order)}, shown are ${String(Math.min(...span))} to ${String(Math.max(...span))}`,
        );
      }
    }
  }
}

/** Where a device was added last, as another one saw it. Names may change, but each begins with the device's. */
function lastAdded({ messages }: Shown, device: Device): number {
  let last = -1;
  for (const { body, order } of messages) {
    if (body.type !== "notice" || body.notice.type !== "member-added") continue;
    if (body.notice.names.some((name) => name.startsWith(`${device.name} `))) last = order;
  }
  return last;
}

/** Nothing that a user wrote is gone from his own device. */
function judgeWritten({ ledger, devices }: Judging, byConversation: ReadonlyMap<string, readonly Shown[]>): void {
  for (const { id, conversation, device: name } of ledger.written.values()) {
    if (ledger.rejoined.has(`${name} ${conversation}`) || ledger.erased.has(id)) continue;
    if (ledger.timed.has(id) || ledger.timed.has(conversation)) continue;
    const own = byConversation.get(conversation)?.find(({ device }) => device.name === name);
    if (own?.messages.some((message) => message.id === id) === true) continue;
    devices
      .find((device) => device.name === name)
      ?.fail(
        `lost a message that it had taken from its user: ${id} of ${conversation.slice(0, 6)}, which is ${own?.conversation.state ?? "not there"}`,
      );
  }
}
