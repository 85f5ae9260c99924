import { STATUS_CODES } from "node:http";
import { SECURITY_HEADERS } from "./security-headers.ts";

/** A whole HTTP/1.1 answer without a body, for sockets that never got as far as a request. Closes the connection. */
export function rawResponse(status: number): string {
  const headers = SECURITY_HEADERS.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return (
    `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? "Error"}\r\n${headers}` +
    "cache-control: no-store\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
  );
}
