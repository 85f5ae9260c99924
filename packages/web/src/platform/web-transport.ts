import type { Socket, SocketEvents, Transport } from "@stonechat/core";
import { SOCKET_PATH, SUBPROTOCOL } from "@stonechat/protocol";

const NETWORK_ENDED = 1006;
const UNSUPPORTED_DATA = 1003;

/** The browser's WebSocket. The page's policy lets it reach only the relay that served the page. */
export const webTransport: Transport = {
  openSocket: (relayUrl, events) => openSocket(relayUrl, events),
  canReach: (relayUrl) => URL.canParse(relayUrl) && new URL(relayUrl).origin === self.location.origin,
};

function openSocket(relayUrl: string, events: SocketEvents): Socket {
  const url = new URL(SOCKET_PATH, relayUrl);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(url, SUBPROTOCOL);
  socket.binaryType = "arraybuffer";
  let over = false;
  const finish = (code: number): void => {
    if (over) return;
    end();
    events.onClose(code);
  };
  // A browser notices a lost network late by the socket itself, and at once by this.
  const onOffline = (): void => {
    socket.close();
    finish(NETWORK_ENDED);
  };
  const end = (): void => {
    over = true;
    self.removeEventListener("offline", onOffline);
  };
  self.addEventListener("offline", onOffline);
  socket.addEventListener("open", () => {
    if (!over) events.onOpen();
  });
  socket.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
    if (over) return;
    if (data instanceof ArrayBuffer) {
      events.onFrame(new Uint8Array(data));
      return;
    }
    socket.close();
    finish(UNSUPPORTED_DATA);
  });
  // "close" follows every "error" and says all that the core wants to know.
  socket.addEventListener("close", ({ code }) => {
    finish(code);
  });
  return {
    send(frame) {
      // Our frames never lie in shared memory, which is all that the narrower type excludes.
      if (!over && socket.readyState === WebSocket.OPEN) socket.send(frame as Uint8Array<ArrayBuffer>);
    },
    close() {
      end();
      socket.close();
    },
  };
}
