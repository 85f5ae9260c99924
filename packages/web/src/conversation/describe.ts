import type { AttachmentKind, DeliveryState, MessagePreview, MessageView, Notice } from "@stonechat/core/client-api";
import { formatList, formatSpan, isolate } from "../locales/format.ts";
import { t, type TextId } from "../locales/texts.ts";

/** A message in one line, for lists and quotes. */
export function describePreview(preview: MessagePreview): string {
  switch (preview.type) {
    case "text":
      return preview.text;
    case "attachment":
      return preview.text === "" ? describeAttachment(preview.kind, preview.count, preview.name) : preview.text;
    case "view-once":
      return t("message.view-once");
    case "deleted":
      return t("message.deleted");
    case "notice":
      return describeNotice(preview.notice);
    case "unsupported":
      return t("message.unsupported");
  }
}

/** A message as its own preview. */
export function previewMessage(message: MessageView): string {
  const attachment = message.attachments[0];
  if (message.viewOnce !== undefined) return t("message.view-once");
  switch (message.body.type) {
    case "text":
      if (message.body.text !== "" || attachment === undefined) return message.body.text;
      return describeAttachment(attachment.kind, message.attachments.length, attachment.name);
    case "deleted":
      return t("message.deleted");
    case "notice":
      return describeNotice(message.body.notice);
    case "unsupported":
      return t("message.unsupported");
  }
}

export function describeAttachment(kind: AttachmentKind, count: number, name: string): string {
  if (count > 1) return t("attachment.several", { count });
  return kind === "file" ? name : t(`attachment.${kind}` satisfies TextId);
}

/** A line that nobody wrote, in words. */
export function describeNotice(notice: Notice): string {
  switch (notice.type) {
    case "created":
      return t("notice.created", { by: isolate(notice.byName) });
    case "member-added":
      return t("notice.member-added", { by: isolate(notice.byName), names: formatList(notice.names) });
    case "member-removed":
      return t("notice.member-removed", { by: isolate(notice.byName), names: formatList(notice.names) });
    case "member-left":
      return t("notice.member-left", { count: notice.names.length, names: formatList(notice.names) });
    case "renamed":
      return t("notice.renamed", { by: isolate(notice.byName), name: isolate(notice.name) });
    case "timer-changed":
      return notice.seconds === 0
        ? t("notice.timer-off", { by: isolate(notice.byName) })
        : t("notice.timer-on", { by: isolate(notice.byName), time: formatSpan(notice.seconds) });
    case "role-changed":
      return t(`notice.role-${notice.role}` satisfies TextId, {
        by: isolate(notice.byName),
        names: formatList(notice.names),
      });
    case "devices-changed":
      return t("notice.devices-changed", { names: formatList(notice.names) });
    case "connected":
      return t("notice.connected", { names: formatList(notice.names) });
    case "continued":
      return t(notice.names.length === 0 ? "notice.continued" : "notice.continued-without", {
        by: isolate(notice.byName),
        names: formatList(notice.names),
      });
    case "not-sent":
      return t("notice.not-sent", { count: notice.files });
    case "missing":
      return t(`notice.missing-${notice.reason}` satisfies TextId, { count: notice.count });
    case "alarm":
      return t(`alarm.${notice.alarm}.title` satisfies TextId);
  }
}

/** What an own message's ticks mean. */
export function describeState(state: DeliveryState): string {
  return t(`state.${state}` satisfies TextId);
}
