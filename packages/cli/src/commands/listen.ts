import type { Command, CommandContext } from "../arguments/command.ts";
import {
  ClientError,
  type Client,
  type ClientEvent,
  type ConnectionState,
  type MessageView,
  type RequestView,
} from "@stonechat/core";
import { conversationName } from "../client/select.ts";
import { EXIT, type ExitCode } from "../failure.ts";
import { eventObject, messageObject, requestObject } from "../output/shapes.ts";
import { downloadFolder, DOWNLOADS_OPTION, saveAttachments } from "./attachments.ts";
import { eventLines, messageLines } from "./message-lines.ts";
import { requestLines } from "./requests.ts";

const MAX_COUNT = 1_000_000;
const PAGE = 100;
const FLUSH_MS = 3_000;

/** `stonechat listen`: prints what arrives, until told to stop. */
export const listen: Command = {
  name: "listen",
  summary: "Print what arrives, as it arrives",
  positionals: [],
  options: {
    count: { kind: "text", value: "N", help: "end after N messages" },
    for: { kind: "text", value: "DURATION", help: "end after this time" },
    ask: { kind: "flag", help: "accept nothing by itself; see: stonechat requests" },
    "no-download": { kind: "flag", help: "do not fetch files" },
    downloads: DOWNLOADS_OPTION,
    "only-new": { kind: "flag", help: "leave out unread messages that arrived before" },
  },
  notes: [
    "Begins with the messages that were not read yet. What it printed counts as read.",
    "Accepts requests by one-time links, and contacts' invitations to groups, unless --ask is given.",
  ],
  endsItself: true,
  async run(context) {
    const { args, host, profile } = context;
    const limits = { count: args.count("count", MAX_COUNT), forMs: args.duration("for") };
    const client = await profile.open();
    const folder = await downloadFolder(context, client);
    return await new Listener(context, client, host.interrupted, folder).run(limits);
  },
};

/** What waits to be printed, in the order it came. */
type Item =
  | { readonly type: "event"; readonly event: ClientEvent }
  | { readonly type: "unread"; readonly message: MessageView; readonly conversationName: string };

class Listener {
  readonly #context: CommandContext;
  readonly #client: Client;
  /** Where files go. */
  readonly #folder: string | undefined;
  readonly #queue: Item[] = [];
  /** Messages printed by this run: the same one may come as unread and as an event. */
  readonly #printed = new Set<string>();
  readonly #answered = new Set<string>();
  readonly #end = new AbortController();
  #wake: () => void = () => undefined;
  #lost: Error | undefined;
  #reached = true;

  constructor(context: CommandContext, client: Client, ended: AbortSignal, folder: string | undefined) {
    this.#folder = folder;
    this.#context = context;
    this.#client = client;
    const end = (): void => {
      this.#end.abort();
      this.#wake();
    };
    if (ended.aborted) end();
    ended.addEventListener("abort", end);
    void context.profile.lost.then((reason) => {
      this.#lost = reason;
      end();
    });
  }

  async run({
    count,
    forMs,
  }: {
    readonly count: number | undefined;
    readonly forMs: number | undefined;
  }): Promise<ExitCode> {
    const { host, args } = this.#context;
    const unread = args.flag("only-new") ? [] : await this.#unread();
    this.#queue.push(...unread);
    const unsubscribe = this.#client.onEvent((event) => {
      this.#queue.push({ type: "event", event });
      this.#wake();
    });
    const timer = new AbortController();
    if (forMs !== undefined) {
      void host.delay(forMs, timer.signal).then(() => {
        this.#end.abort();
        this.#wake();
      });
    }
    try {
      await this.#client.start();
      if (!this.#context.out.json && host.stderr.tty) await this.#context.out.note("Listening. Ctrl-C ends it.");
      for (const request of await this.#client.requests()) await this.#request(request);
      const exitCode = await this.#print(count ?? Infinity);
      await this.#flush();
      return exitCode;
    } finally {
      unsubscribe();
      timer.abort();
    }
  }

  async #print(count: number): Promise<ExitCode> {
    let messages = 0;
    while (!this.#end.signal.aborted && messages < count) {
      const item = this.#queue.shift();
      if (item === undefined) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
          if (this.#end.signal.aborted || this.#queue.length > 0) resolve();
        });
        continue;
      }
      if (await this.#printItem(item)) messages += 1;
    }
    if (this.#lost !== undefined) throw this.#lost;
    return EXIT.done;
  }

  /** Lets the answers to requests and the receipts go out, if there is time for it. */
  async #flush(): Promise<void> {
    if (this.#context.host.interrupted.aborted || (await this.#client.connection()) !== "online") return;
    await this.#client.settle(FLUSH_MS);
  }

  /** Gives `true` if it was a message. */
  async #printItem(item: Item): Promise<boolean> {
    if (item.type === "unread") return await this.#message(item.message, item.conversationName);
    const { event } = item;
    if (event.type === "connection") await this.#connection(event.state);
    if (event.type === "message") return await this.#message(event.message, event.conversationName);
    if (event.type === "request") {
      await this.#request(event.request);
      return false;
    }
    const object = eventObject(event);
    if (event.type === "alarm" && event.relayUrl !== undefined) await this.#client.acknowledgePutBack(event.relayUrl);
    if (object !== undefined) await this.#context.out.result(object, () => eventLines(event) ?? []);
    return false;
  }

  /** A person at a terminal is told when the relay goes out of reach, and when it is back. */
  async #connection(state: ConnectionState): Promise<void> {
    const { host, out } = this.#context;
    const reached = state === "online";
    if (out.json || !host.stderr.tty || state === "connecting" || reached === this.#reached) return;
    this.#reached = reached;
    const trouble =
      state === "outdated"
        ? "The relay speaks another version. Update Stonechat."
        : "The relay cannot be reached. Trying again.";
    await out.note(reached ? "The relay is back." : trouble);
  }

  async #message(message: MessageView, conversationName: string): Promise<boolean> {
    if (message.fromSelf || message.body.type === "notice" || this.#printed.has(message.id)) return false;
    const { args, host, out } = this.#context;
    const saved = args.flag("no-download")
      ? new Map()
      : await saveAttachments(this.#client, host, this.#folder, message);
    if (host.interrupted.aborted) return false;
    await out.result(messageObject(message, conversationName, saved), () =>
      messageLines(message, conversationName, saved),
    );
    this.#printed.add(message.id);
    await this.#markRead(message);
    return true;
  }

  /** Only what has left this process counts as read: a bot that is killed sees the message again. */
  async #markRead(message: MessageView): Promise<void> {
    if (this.#context.host.interrupted.aborted) return;
    try {
      await this.#client.markRead(message.conversationId, message.id);
    } catch (error) {
      // It may have been deleted, or the conversation cleared, while it was printed.
      if (!(error instanceof ClientError && error.code === "not-found")) throw error;
    }
  }

  async #request(request: RequestView): Promise<void> {
    if (request.type === "sent") return;
    // The id alone may come again: the core gives an answered request's id to a later one.
    const key = `${request.id} ${String(request.receivedAt)}`;
    if (this.#answered.has(key)) return;
    this.#answered.add(key);
    const accept = !this.#context.args.flag("ask") && (await this.#mayAccept(request));
    await this.#context.out.result(requestObject(request, accept), () => [
      ...requestLines(request),
      ...(accept ? ["  Accepted."] : []),
    ]);
    if (!accept) return;
    try {
      await this.#client.acceptRequest(request.id);
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      this.#answered.delete(key);
      await this.#context.out.note(`A request could not be accepted now (${error.code}). See: stonechat requests`);
    }
  }

  /** A one-time link was given to one person, so its use is an answer. A reusable link may be in anybody's hands. */
  async #mayAccept(request: RequestView): Promise<boolean> {
    switch (request.type) {
      case "group":
        return true;
      case "sent":
        return false;
      case "contact": {
        const invites = await this.#client.invites();
        const made = invites.filter(({ createdAt }) => createdAt === request.inviteCreatedAt);
        return made.length > 0 && made.every(({ reusable }) => !reusable);
      }
    }
  }

  async #unread(): Promise<readonly Item[]> {
    const items: { readonly type: "unread"; readonly message: MessageView; readonly conversationName: string }[] = [];
    for (const conversation of await this.#client.conversations()) {
      if (conversation.unread === 0) continue;
      const messages = await unreadMessages(this.#client, conversation.id, conversation.unread);
      items.push(
        ...messages.map((message) => ({
          type: "unread" as const,
          message,
          conversationName: conversationName(conversation),
        })),
      );
    }
    return items.sort((one, other) => one.message.sentAt - other.message.sentAt);
  }
}

/** The last `count` messages of others: those that are unread. Oldest first. */
async function unreadMessages(client: Client, id: string, count: number): Promise<readonly MessageView[]> {
  const found: MessageView[] = [];
  let before: number | undefined;
  while (found.length < count) {
    const page = await client.messages(id, { limit: PAGE, ...(before === undefined ? {} : { before }) });
    found.unshift(...page.messages.filter(({ fromSelf, body }) => !fromSelf && body.type !== "notice"));
    before = page.messages[0]?.order;
    if (!page.hasOlder || before === undefined) break;
  }
  return found.slice(-count);
}
