import type { Server } from "node:http";
import { listen, type ListenAddress } from "@stonechat/serving";

/** Listens; `stack` closes the server. @returns its URL. */
export async function serve(server: Server, address: ListenAddress, stack: AsyncDisposableStack): Promise<string> {
  const port = await listen(server, address);
  stack.defer(async () => {
    if (!server.listening) return;
    const closed = new Promise<void>((resolve) => {
      server.close(() => {
        resolve();
      });
    });
    server.closeAllConnections();
    await closed;
  });
  return `http://${address.host.includes(":") ? `[${address.host}]` : address.host}:${String(port)}`;
}
