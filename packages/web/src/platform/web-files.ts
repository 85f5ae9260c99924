import type { FilePort, FileSink, FileSource } from "@stonechat/core";

/**
 * Files as a browser knows them. A source is a `Blob` that the user chose. A sink makes a `File`: the browser gathers it
 * from a stream and decides itself where its bytes lie, so that a large one need not fit into memory.
 */
export const webFiles: FilePort = {
  openSource: (file) => Promise.resolve(openSource(file)),
  openSink: (_target, file) => Promise.resolve(openSink(file.name, file.type)),
};

function openSource(file: unknown): FileSource {
  if (!(file instanceof Blob)) throw new RangeError("files are blobs here");
  return {
    name: file instanceof File ? file.name : "",
    type: file.type,
    size: file.size,
    read: async (at, length) => new Uint8Array(await file.slice(at, at + length).arrayBuffer()),
    close: () => Promise.resolve(),
  };
}

function openSink(name: string, type: string): FileSink {
  const { readable, writable } = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>();
  const writer = writable.getWriter();
  const gathered = new Response(readable).blob();
  gathered.catch(() => undefined); // told by `write` or `close`
  return {
    async write(bytes) {
      await writer.ready;
      await writer.write(new Uint8Array(bytes));
    },
    async close() {
      await writer.close();
      return new File([await gathered], name, { type });
    },
    async abort() {
      await writer.abort();
    },
  };
}
