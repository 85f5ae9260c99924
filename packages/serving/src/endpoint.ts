import { chmod, readFile, rm, writeFile } from "node:fs/promises";
import { connect, type Server, type Socket } from "node:net";
import { basename, dirname } from "node:path";

/** Systems allow 104 to 108 bytes for the path of a Unix domain socket, and cut or refuse a longer one. */
const MAX_SOCKET_PATH_BYTES = 100;
const PIPE_NAME = /^\\\\\.\\pipe\\stonechat-[0-9a-f]{32}$/;

/**
 * Begins to listen where other processes of this user look: in a folder that is closed to everybody else. The caller holds
 * the folder's lock, so a socket that lies there belongs to nobody.
 *
 * On Windows a pipe has no folder to protect it: its name is random and stands in the file at `path`.
 */
export async function listenAt(
  server: Server,
  path: string,
  random: (length: number) => Promise<Uint8Array>,
): Promise<void> {
  await rm(path, { force: true });
  const listening = new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.once("listening", () => {
      server.off("error", reject);
      resolve();
    });
  });
  if (process.platform === "win32") {
    const name = `\\\\.\\pipe\\stonechat-${Buffer.from(await random(16)).toString("hex")}`;
    server.listen(name);
    await listening;
    await writeFile(path, name, { mode: 0o600 });
    return;
  }
  inFolderOf(path, (short) => server.listen(short));
  await listening;
  await chmod(path, 0o600);
}

/** Connects to the process that listens at `path`; undefined if none does. */
export async function connectTo(path: string): Promise<Socket | undefined> {
  const target = process.platform === "win32" ? await pipeName(path) : path;
  if (target === undefined) return undefined;
  const socket = process.platform === "win32" ? connect(target) : inFolderOf(target, (short) => connect(short));
  return await new Promise((resolve) => {
    socket.once("connect", () => {
      resolve(socket);
    });
    // Nobody there, a socket left by a killed process, or one that is just closing: the caller tries again.
    socket.once("error", () => {
      resolve(undefined);
    });
  });
}

/** Binding and connecting happen inside the call, so a path that is too long can be given relative to its folder. */
function inFolderOf<Result>(path: string, act: (path: string) => Result): Result {
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES) return act(path);
  const before = process.cwd();
  process.chdir(dirname(path));
  try {
    return act(basename(path));
  } finally {
    process.chdir(before);
  }
}

async function pipeName(path: string): Promise<string | undefined> {
  try {
    const name = await readFile(path, "utf8");
    return PIPE_NAME.test(name) ? name : undefined;
  } catch {
    // No such file: nobody listens yet.
    return undefined;
  }
}
