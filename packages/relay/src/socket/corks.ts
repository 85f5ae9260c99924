import type { Socket } from "node:net";

/** Gathers what goes to one socket within a turn of the event loop into one system call. One for all sockets. */
export class Corks {
  #corked = new Set<Socket>();

  /** Call it before each write. */
  hold(socket: Socket): void {
    if (this.#corked.has(socket)) return;
    if (this.#corked.size === 0) setImmediate(this.#release);
    socket.cork();
    this.#corked.add(socket);
  }

  readonly #release = (): void => {
    const corked = this.#corked;
    this.#corked = new Set();
    for (const socket of corked) socket.uncork();
  };
}
