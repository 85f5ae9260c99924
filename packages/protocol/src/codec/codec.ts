import { Reader } from "./reader.ts";
import { Writer } from "./writer.ts";

/** How one type is laid out. Composed from the functions below, so that reading and writing cannot drift apart. */
export interface Codec<T> {
  readonly read: (reader: Reader) => T;
  readonly write: (writer: Writer, value: T) => void;
}

/** Any codec, whatever its value: what the composing functions below accept. */
interface AnyCodec {
  readonly read: (reader: Reader) => unknown;
  readonly write: (writer: Writer, value: never) => void;
}

/** The value type of a codec. */
export type ValueOf<C> = C extends { readonly read: (reader: Reader) => infer T } ? T : never;

/** A codec for a whole byte string: what crosses a border. */
export interface Structure<T> {
  readonly name: string;
  readonly maxBytes: number;
  readonly codec: Codec<T>;
  /** @throws RangeError if the value does not fit its limits: our own mistake. */
  encode(value: T): Uint8Array;
  /** @throws {@link WireError} on anything that {@link encode} would not write. */
  decode(bytes: Uint8Array): T;
}

/** Names a structure and caps its size in bytes, so that hostile input is refused before it is looked at. */
export function structure<T>(name: string, maxBytes: number, codec: Codec<T>): Structure<T> {
  return {
    name,
    maxBytes,
    codec,
    encode(value) {
      const writer = new Writer();
      codec.write(writer, value);
      if (writer.length > maxBytes) throw new RangeError(`${name} is too long`);
      return writer.finish();
    },
    decode(bytes) {
      const reader = new Reader(bytes, name);
      if (bytes.length > maxBytes) throw reader.error("too-long");
      const value = codec.read(reader);
      reader.end();
      return value;
    },
  };
}

export const uint8: Codec<number> = {
  read: (r) => r.uint8(),
  write: (w, v) => {
    w.uint8(v);
  },
};
export const uint16: Codec<number> = {
  read: (r) => r.uint16(),
  write: (w, v) => {
    w.uint16(v);
  },
};
export const uint32: Codec<number> = {
  read: (r) => r.uint32(),
  write: (w, v) => {
    w.uint32(v);
  },
};
/** A `uint64` up to 2^53 - 1. */
export const uint53: Codec<number> = {
  read: (r) => r.uint53(),
  write: (w, v) => {
    w.uint53(v);
  },
};
/** What a `Date` can hold (ECMA-262 §21.4.1.1): about the year 275,760. */
export const MAX_INSTANT = 8_640_000_000_000_000;
/** A `uint64` of milliseconds since 1970 that is some day of the calendar: whoever shows it must not fail at it. */
export const instant: Codec<number> = {
  read(r) {
    const value = r.uint53();
    if (value > MAX_INSTANT) throw r.error("bad-value");
    return value;
  },
  write(w, v) {
    if (v > MAX_INSTANT) throw new RangeError("no day of the calendar");
    w.uint53(v);
  },
};
export const uint64: Codec<bigint> = {
  read: (r) => r.uint64(),
  write: (w, v) => {
    w.uint64(v);
  },
};

/** `uint8` that is 0 or 1. */
export const boolean: Codec<boolean> = {
  read(r) {
    const value = r.uint8();
    if (value > 1) throw r.error("bad-value");
    return value === 1;
  },
  write(w, v) {
    w.uint8(v ? 1 : 0);
  },
};

/** `opaque name[length]`, branded by the caller: `opaque<LogId>(32)`. Fixed length is the proof the brand stands for. */
export function opaque<T extends Uint8Array = Uint8Array>(length: number): Codec<NoInfer<T>> {
  // The cast is where the brand is earned: exactly `length` bytes were read.
  return {
    read: (r) => r.opaque(length) as T,
    write: (w, v) => {
      w.opaque(v, length);
    },
  };
}

/** `opaque name<V>` of at most `maxLength` bytes. */
export function bytes(maxLength: number): Codec<Uint8Array> {
  return {
    read: (r) => r.vector(maxLength),
    write: (w, v) => {
      w.vector(v, maxLength);
    },
  };
}

/** Well-formed UTF-8 without NUL in a `<V>` vector of at most `maxLength` bytes. */
export function text(maxLength: number): Codec<string> {
  return {
    read: (r) => r.text(maxLength),
    write: (w, v) => {
      w.text(v, maxLength);
    },
  };
}

/** `T name<V>`: at most `maxItems` items in at most `maxLength` bytes. */
export function list<T>(item: Codec<T>, maxItems: number, maxLength: number): Codec<readonly T[]> {
  return {
    read(r) {
      const length = r.vectorLength(maxLength);
      let count = 0;
      return r.within(length, () => {
        count += 1;
        if (count > maxItems) throw r.error("too-long");
        return item.read(r);
      });
    },
    write(w, values) {
      if (values.length > maxItems) throw new RangeError("too many items");
      const inner = new Writer();
      for (const value of values) item.write(inner, value);
      w.vector(inner.finish(), maxLength);
    },
  };
}

/** `optional<T>` of RFC 9420 §2.1.1. */
export function optional<T>(item: Codec<T>): Codec<T | undefined> {
  return {
    read: (r) => (boolean.read(r) ? item.read(r) : undefined),
    write(w, v) {
      boolean.write(w, v !== undefined);
      if (v !== undefined) item.write(w, v);
    },
  };
}

type Fields = Readonly<Record<string, AnyCodec>>;
type StructValue<F> = { readonly [K in keyof F]: ValueOf<F[K]> };

/** `struct { … }`: the fields in the order in which they are written here. */
export function struct<const F extends Fields>(fields: F): Codec<StructValue<F>> {
  const entries = Object.entries(fields) as unknown as readonly (readonly [string, Codec<unknown>])[];
  return {
    read: (r) => Object.fromEntries(entries.map(([name, codec]) => [name, codec.read(r)])) as StructValue<F>,
    write(w, value) {
      for (const [name, codec] of entries) codec.write(w, (value as Readonly<Record<string, unknown>>)[name]);
    },
  };
}

/** A `uint8` that must be `version`; carries no value. @throws WireError `unsupported-version`. */
export function versioned<T>(version: number, body: Codec<T>): Codec<T> {
  return {
    read(r) {
      if (r.uint8() !== version) throw r.error("unsupported-version");
      return body.read(r);
    },
    write(w, v) {
      w.uint8(version);
      body.write(w, v);
    },
  };
}

type Cases = Readonly<Record<string, readonly [tag: number, body: AnyCodec]>>;
type UnionValue<C extends Cases> = {
  [K in keyof C]: { readonly type: K } & ValueOf<C[K][1]>;
}[keyof C];

/**
 * `select (type)`: a `uint8` tag, then the case's struct. The value carries the case's name as `type`.
 *
 * @throws RangeError if two cases share a tag.
 */
export function union<const C extends Cases>(cases: C): Codec<UnionValue<C>> {
  const byTag = new Map(
    Object.entries(cases).map(([type, [tag, body]]) => [tag, { type, body: body as Codec<object> }]),
  );
  const byType = new Map(
    Object.entries(cases).map(([type, [tag, body]]) => [type, { tag, body: body as Codec<object> }]),
  );
  requireDistinct(byTag, byType.size);
  return {
    read(r) {
      const found = byTag.get(r.uint8());
      if (found === undefined) throw r.error("unknown-type");
      return { type: found.type, ...found.body.read(r) } as UnionValue<C>;
    },
    write(w, value) {
      const found = byType.get(value.type as string);
      if (found === undefined) throw new RangeError("unknown case");
      w.uint8(found.tag);
      found.body.write(w, value);
    },
  };
}

/** A `uint8` that stands for one of a few names. @throws RangeError if two names share a number. */
export function choice<const T extends string>(names: Readonly<Record<T, number>>): Codec<T> {
  const byTag = new Map(Object.entries(names).map(([name, tag]) => [tag as number, name as T]));
  requireDistinct(byTag, Object.keys(names).length);
  return {
    read(r) {
      const name = byTag.get(r.uint8());
      if (name === undefined) throw r.error("unknown-type");
      return name;
    },
    write(w, v) {
      w.uint8(names[v]);
    },
  };
}

function requireDistinct(byTag: ReadonlyMap<number, unknown>, count: number): void {
  if (byTag.size !== count) throw new RangeError("two cases share a tag");
}
