import type { BlockFile } from "../ports/block-file.ts";
import { StorageError } from "../ports/storage-error.ts";
import { RamFile } from "./ram-file.ts";
import * as codes from "./sqlite-codes.ts";
import type { Pointer, SqliteModule } from "./sqlite-module.ts";

/** The open files of one database. SQLite opens and deletes by name; here the files stay open, and empty means absent. */
export type DatabaseFiles = { readonly main: BlockFile; readonly log: BlockFile; readonly journal: BlockFile };

const SECTOR_BYTES = 512;
const MAX_PATH_BYTES = 64;

/**
 * SQLite's file system over {@link BlockFile}: the one place where the database meets files, and the seam at which the
 * encrypted container takes over. Methods have the names and arguments of `sqlite3_vfs` and `sqlite3_io_methods`; they
 * run inside WebAssembly, so a failure becomes a result code and is kept for {@link BlockFileVfs.takeFailure}.
 */
export class BlockFileVfs {
  readonly name = "block-files";
  readonly mxPathname = MAX_PATH_BYTES;
  readonly #module: SqliteModule;
  readonly #mounted = new Map<string, BlockFile>();
  readonly #open = new Map<Pointer, BlockFile>();
  #mounts = 0;
  #failure: unknown;

  constructor(module: SqliteModule) {
    this.#module = module;
  }

  /** Makes the files of a database known. Returns the path to open it by, and {@link unmount} afterwards. */
  mount(files: DatabaseFiles): string {
    this.#mounts += 1;
    const path = `database-${String(this.#mounts)}`;
    this.#mounted.set(path, files.main);
    this.#mounted.set(`${path}-wal`, files.log);
    this.#mounted.set(`${path}-journal`, files.journal);
    return path;
  }

  unmount(path: string): void {
    for (const suffix of ["", "-wal", "-journal"]) this.#mounted.delete(path + suffix);
  }

  /** The error behind the last failing result code, once. */
  takeFailure(): unknown {
    const failure = this.#failure;
    this.#failure = undefined;
    return failure;
  }

  hasAsyncMethod(): boolean {
    return false;
  }

  xOpen(_vfs: Pointer, name: Pointer, id: Pointer, flags: number, flagsOut: Pointer): number {
    const file = name === 0 ? new RamFile() : this.#mounted.get(this.#text(name));
    if (file === undefined) return codes.SQLITE_CANTOPEN;
    this.#open.set(id, file);
    this.#setInt32(flagsOut, flags);
    return codes.SQLITE_OK;
  }

  xDelete(_vfs: Pointer, name: Pointer): number {
    return this.#attempt(codes.SQLITE_IOERR_DELETE, () => {
      const file = this.#mounted.get(this.#text(name));
      file?.truncate(0);
      file?.flush();
    });
  }

  xAccess(_vfs: Pointer, name: Pointer, _flags: number, out: Pointer): number {
    return this.#attempt(codes.SQLITE_IOERR_FSTAT, () => {
      const file = this.#mounted.get(this.#text(name));
      this.#setInt32(out, file !== undefined && file.size() > 0 ? 1 : 0);
    });
  }

  xFullPathname(_vfs: Pointer, name: Pointer, size: number, out: Pointer): number {
    const heap = this.#module.HEAPU8;
    const end = heap.indexOf(0, name) + 1;
    if (end - name > size) return codes.SQLITE_CANTOPEN;
    heap.copyWithin(out, name, end);
    return codes.SQLITE_OK;
  }

  xGetLastError(): number {
    return codes.SQLITE_OK;
  }

  xClose(id: Pointer): number {
    const file = this.#open.get(id);
    // Files of a database belong to who mounted them; temporary ones end here.
    if (file instanceof RamFile) file.close();
    this.#open.delete(id);
    return codes.SQLITE_OK;
  }

  xRead(id: Pointer, into: Pointer, length: number, offsetLow: number, offsetHigh: number): number {
    let read = 0;
    const code = this.#attempt(codes.SQLITE_IOERR_READ, () => {
      const bytes = this.#module.HEAPU8.subarray(into, into + length);
      read = this.#file(id).read(bytes, toOffset(offsetLow, offsetHigh));
      bytes.fill(0, read);
    });
    return code === codes.SQLITE_OK && read < length ? codes.SQLITE_IOERR_SHORT_READ : code;
  }

  xWrite(id: Pointer, from: Pointer, length: number, offsetLow: number, offsetHigh: number): number {
    return this.#attempt(codes.SQLITE_IOERR_WRITE, () => {
      const bytes = this.#module.HEAPU8.subarray(from, from + length);
      this.#file(id).write(bytes, toOffset(offsetLow, offsetHigh));
    });
  }

  xTruncate(id: Pointer, sizeLow: number, sizeHigh: number): number {
    return this.#attempt(codes.SQLITE_IOERR_TRUNCATE, () => {
      this.#file(id).truncate(toOffset(sizeLow, sizeHigh));
    });
  }

  xSync(id: Pointer): number {
    return this.#attempt(codes.SQLITE_IOERR_FSYNC, () => {
      this.#file(id).flush();
    });
  }

  xFileSize(id: Pointer, out: Pointer): number {
    return this.#attempt(codes.SQLITE_IOERR_FSTAT, () => {
      const size = this.#file(id).size();
      this.#setInt32(out, size | 0);
      this.#setInt32(out + 4, Math.floor(size / 2 ** 32));
    });
  }

  // One process holds the profile (see BlockFiles) and one connection the database, so there is nobody to lock out.
  xLock(): number {
    return codes.SQLITE_OK;
  }

  xUnlock(): number {
    return codes.SQLITE_OK;
  }

  xCheckReservedLock(_id: Pointer, out: Pointer): number {
    this.#setInt32(out, 0);
    return codes.SQLITE_OK;
  }

  xFileControl(): number {
    return codes.SQLITE_NOTFOUND;
  }

  xSectorSize(): number {
    return SECTOR_BYTES;
  }

  xDeviceCharacteristics(): number {
    return codes.SQLITE_IOCAP_UNDELETABLE_WHEN_OPEN | codes.SQLITE_IOCAP_POWERSAFE_OVERWRITE;
  }

  #attempt(failureCode: number, work: () => void): number {
    try {
      work();
      return codes.SQLITE_OK;
    } catch (error) {
      this.#failure = error;
      if (!(error instanceof StorageError)) return failureCode;
      if (error.code === "full") return codes.SQLITE_FULL;
      return error.code === "corrupt" ? codes.SQLITE_CORRUPT : failureCode;
    }
  }

  #file(id: Pointer): BlockFile {
    const file = this.#open.get(id);
    if (file === undefined) throw new RangeError("file is not open");
    return file;
  }

  #text(pointer: Pointer): string {
    const heap = this.#module.HEAPU8;
    return new TextDecoder().decode(heap.subarray(pointer, heap.indexOf(0, pointer)));
  }

  #setInt32(pointer: Pointer, value: number): void {
    this.#module.HEAP32[pointer >> 2] = value;
  }
}

/** The number that two 32-bit halves stand for; both arrive signed. */
function toOffset(low: number, high: number): number {
  return high * 2 ** 32 + (low >>> 0);
}
