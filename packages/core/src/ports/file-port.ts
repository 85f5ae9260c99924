/** A file that a person chose. Its bytes may be asked for again, until {@link FileSource.close}. */
export interface FileSource {
  readonly name: string;
  /** Media type, or empty. */
  readonly type: string;
  /** Bytes. */
  readonly size: number;
  /** `length` bytes from byte `at`; fewer only if the file has become shorter. Rejects if it cannot be read any more. */
  read(at: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Where a decrypted file goes. Exactly one of {@link FileSink.close} and {@link FileSink.abort} ends it. */
export interface FileSink {
  /** Takes `bytes` before the promise resolves; the caller may reuse them then. */
  write(bytes: Uint8Array): Promise<void>;
  /** The file is whole. Resolves to what the host gives its user: a `File` in browsers, a path in Node. */
  close(): Promise<unknown>;
  /** The file is not whole and must vanish. */
  abort(): Promise<void>;
}

/** The host's files. `file` and `target` are what this host understands: a `File` or nothing in browsers, paths in Node. */
export interface FilePort {
  openSource(file: unknown): Promise<FileSource>;
  openSink(
    target: unknown,
    file: { readonly name: string; readonly type: string; readonly size: number },
  ): Promise<FileSink>;
}
