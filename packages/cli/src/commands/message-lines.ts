import type { ClientEvent, MessageView, Notice } from "@stonechat/core";
import type { SavedAttachment } from "../output/shapes.ts";
import { faint, strong, type Line } from "../output/output.ts";
import { byteCount, localTime, spanText } from "../output/time.ts";

/** A message for a person. Lines of the text are indented, so that none can pass for a line of ours. */
export function messageLines(
  message: MessageView,
  conversationName: string | undefined,
  saved: ReadonlyMap<string, SavedAttachment> = new Map(),
): readonly Line[] {
  const { body } = message;
  if (body.type === "notice") return [[faint(`${localTime(message.sentAt)}  ${noticeText(body.notice)}`)]];
  const where = conversationName === undefined ? "" : `  in ${conversationName}`;
  const marks = [
    ...(message.editedAt === undefined ? [] : ["edited"]),
    ...(message.fromSelf ? [message.state] : []),
    ...(message.timerSeconds === undefined ? [] : [`disappears after ${spanText(message.timerSeconds)}`]),
    ...(message.viewOnce === undefined ? [] : [`view once, ${message.viewOnce}`]),
    message.id.slice(0, 8),
  ];
  return [
    [
      strong(message.fromSelf ? "You" : message.fromName),
      faint(`  ${localTime(message.sentAt)}${where}  ${marks.join("  ")}`),
    ],
    ...(message.replyTo === undefined
      ? []
      : [
          [
            faint(
              `  answers ${message.replyTo.fromSelf ? "you" : message.replyTo.fromName}, ${message.replyTo.id.slice(0, 8)}`,
            ),
          ],
        ]),
    ...bodyLines(message),
    ...message.attachments.map((attachment) => {
      const file = saved.get(attachment.id);
      const place = file?.path ?? (file?.problem === undefined ? "" : `not fetched: ${file.problem}`);
      return `  [file] ${attachment.name}, ${byteCount(attachment.size)}${place === "" ? "" : `  ${place}`}`;
    }),
    ...(message.reactions.length === 0
      ? []
      : [`  ${message.reactions.map(({ emoji, fromNames }) => `${emoji} ${fromNames.join(", ")}`).join("  ")}`]),
  ];
}

/** Any other event for a person; undefined for those that only say "look again". */
export function eventLines(event: ClientEvent): readonly Line[] | undefined {
  switch (event.type) {
    case "reaction":
      return [
        [
          faint(
            event.removed
              ? `${event.fromName} took back ${event.emoji} from ${event.messageId.slice(0, 8)}.`
              : `${event.fromName} reacted with ${event.emoji} to ${event.messageId.slice(0, 8)}.`,
          ),
        ],
      ];
    case "edit":
      return [
        [faint(`${event.message.fromName} changed a message in ${event.conversationName}:`)],
        ...messageLines(event.message, undefined),
      ];
    case "delete":
      return [[faint(`${event.fromName} deleted ${event.messageId.slice(0, 8)} for everyone.`)]];
    case "receipt":
      return [[faint(`${event.fromName}: ${String(event.messageIds.length)} ${event.state}.`)]];
    case "member-added":
      return [[faint(`${event.byName} added ${event.memberNames.join(", ")} to ${event.conversationName}.`)]];
    case "member-removed":
      return [[faint(`${event.byName} removed ${event.memberNames.join(", ")} from ${event.conversationName}.`)]];
    case "contact":
      return [["Connected with ", strong(event.contact.name), "."]];
    case "conversation-continued":
      return [[faint("A group that had ended goes on in a new one, in the same conversation.")]];
    case "alarm":
      return [[strong("ALARM"), `  ${alarmText(event.alarm)}`]];
    case "message":
    case "request":
    case "connection":
    case "account-changed":
    case "conversations-changed":
    case "contacts-changed":
    case "requests-changed":
    case "invites-changed":
    case "settings-changed":
    case "messages-changed":
    case "transfer":
    case "travel":
      return undefined;
  }
}

function bodyLines({ body }: MessageView): readonly string[] {
  switch (body.type) {
    case "text":
      return body.text === ""
        ? []
        : body.text
            .replaceAll("\r\n", "\n")
            .replaceAll("\t", "    ")
            .split("\n")
            .map((line) => `  ${line}`);
    case "deleted":
      return [body.byModerator ? "  (deleted by an admin)" : "  (deleted)"];
    case "unsupported":
      return ["  (needs a newer version of Stonechat)"];
    case "notice":
      return [];
  }
}

function noticeText(notice: Notice): string {
  switch (notice.type) {
    case "created":
      return `${notice.byName} made the conversation.`;
    case "member-added":
      return `${notice.byName} added ${notice.names.join(", ")}.`;
    case "member-removed":
      return `${notice.byName} removed ${notice.names.join(", ")}.`;
    case "member-left":
      return `${notice.names.join(", ")} left.`;
    case "renamed":
      return `${notice.byName} named it ${notice.name}.`;
    case "timer-changed":
      return notice.seconds === 0
        ? `${notice.byName} let new messages stay.`
        : `${notice.byName} let new messages disappear after ${spanText(notice.seconds)}.`;
    case "role-changed":
      return `${notice.byName} made ${notice.names.join(", ")} ${notice.role === "admin" ? "an admin" : "a member"}.`;
    case "devices-changed":
      return `The set of devices of ${notice.names.join(", ")} changed.`;
    case "connected":
      return `Connected with ${notice.names.join(", ")}.`;
    case "continued":
      return notice.names.length === 0
        ? `${notice.byName} continued the group in a new one, because a change of it could not be followed.`
        : `${notice.byName} continued the group in a new one without ${notice.names.join(", ")}, because a change of it could not be followed.`;
    case "not-sent":
      return `A message with ${notice.files === 1 ? "a file" : `${String(notice.files)} files`} was not sent: Stonechat ended or was locked while it was being encrypted. Send it again.`;
    case "missing":
      return `${String(notice.count)} messages are missing (${notice.reason}).`;
    case "alarm":
      return `ALARM: ${alarmText(notice.alarm)}`;
  }
}

function alarmText(alarm: Extract<ClientEvent, { type: "alarm" }>["alarm"]): string {
  switch (alarm) {
    case "ghost-device":
      return "A device that its owner never named tried to take part. It was kept out.";
    case "fork":
      return "Members see different histories of this conversation. Ask them over another channel.";
    case "list-mismatch":
      return "Somebody was shown another list of devices. Compare safety numbers.";
    case "bad-commit":
      return "A change of the group broke its rules and was refused.";
    case "relay-rollback":
      return "The relay forgot what it had acknowledged. Tell its operator.";
    case "relay-put-back":
      return "The relay was put back to an earlier state. What is missing there is sent again. Ask its operator.";
    case "changed-identity":
      return "An identity changed. Compare safety numbers before you go on.";
  }
}
