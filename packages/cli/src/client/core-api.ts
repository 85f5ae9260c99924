/** The one door through which the command line reaches the core. */
export { ClientError } from "../../../core/src/client-api.ts";
export type {
  AccountView,
  AlarmType,
  AttachmentInput,
  AttachmentKind,
  AttachmentView,
  Client,
  ClientErrorCode,
  ClientEvent,
  ContactView,
  ConversationView,
  DeviceView,
  InviteView,
  LinkPreview,
  MemberView,
  MessageView,
  Notice,
  RequestView,
  Role,
} from "../../../core/src/client-api.ts";
export type { FilePort, FileSink, FileSource } from "../../../core/src/ports/file-port.ts";
export type { Http } from "../../../core/src/ports/http.ts";
export type { Socket, SocketEvents, Transport } from "../../../core/src/ports/transport.ts";
