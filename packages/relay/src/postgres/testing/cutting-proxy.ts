import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** Stands between a relay and its database, and cuts the line where it hurts. */
export interface CuttingProxy {
  /** The URL by which the database is reached through it. */
  readonly url: string;
  /** Cuts all lines when the database has given so many more answers; the last of them is lost on the way. */
  cutAfter(answers: number): void;
  /** Cuts all lines and takes none, until {@link CuttingProxy.mend}. */
  sever(): void;
  mend(): void;
  /** How often a line was cut that carried an answer. */
  readonly cuts: number;
  close(): Promise<void>;
}

/** Begins to pass on to the database that `url` names. */
export async function startCuttingProxy(url: string): Promise<CuttingProxy> {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  const state = { left: Infinity, severed: false, cuts: 0 };
  const cutAll = (): void => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  const server = createServer((near) => {
    if (state.severed) {
      near.destroy();
      return;
    }
    const far = connect(Number(port), hostname);
    for (const [socket, other] of [[near, far] as const, [far, near] as const]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    near.pipe(far);
    far.on("data", (answer: Buffer) => {
      state.left -= 1;
      if (state.left > 0) near.write(answer);
      else {
        state.left = Infinity;
        state.cuts += 1;
        cutAll();
      }
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const through = new URL(url);
  through.port = String((server.address() as AddressInfo).port); // it listens on TCP
  return {
    url: through.href,
    cutAfter: (answers) => {
      state.left = answers;
    },
    sever: () => {
      state.severed = true;
      cutAll();
    },
    mend: () => {
      state.severed = false;
    },
    get cuts() {
      return state.cuts;
    },
    close: async () => {
      cutAll();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
