import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { sha256 } from "@stonechat/crypto/issuer";

const MAX_FILES = 5000;
const MAX_TOTAL_BYTES = 128 * 1024 * 1024;
/** Vite puts a hash of the content into the names of what it builds. */
const HASHED = /^\/assets\/.*[.-][A-Za-z0-9_-]{8,}\.[a-z0-9]+$/;
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  json: "application/json",
  webmanifest: "application/manifest+json",
  wasm: "application/wasm",
  svg: "image/svg+xml",
  png: "image/png",
  ico: "image/x-icon",
  woff2: "font/woff2",
  txt: "text/plain; charset=utf-8",
  map: "application/json",
};
/** A coding that the client does not want (RFC 9110 §12.4.2). */
const UNWANTED = /^q=0(?:\.0{0,3})?$/;
const ENCODINGS = [
  ["br", "br"],
  ["gzip", "gz"],
] as const;

interface Asset {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
  readonly etag: string;
}

/** The built web app, held in memory: no request ever turns into a file name. */
export class StaticApp {
  readonly #assets: ReadonlyMap<string, Asset>;

  private constructor(assets: ReadonlyMap<string, Asset>) {
    this.#assets = assets;
  }

  /** Reads all of `folder`. @throws Error when it has no `index.html`, or is too big to be an app. */
  static async load(folder: string): Promise<StaticApp> {
    const assets = new Map<string, Asset>();
    let total = 0;
    for (const item of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!item.isFile()) continue;
      const path = join(item.parentPath, item.name);
      const bytes = new Uint8Array(await readFile(path));
      total += bytes.length;
      if (assets.size >= MAX_FILES || total > MAX_TOTAL_BYTES)
        throw new Error("webDir holds more than a web app should");
      const name = `/${relative(folder, path).split(sep).join("/")}`;
      const etag = `"${Buffer.from(sha256(bytes)).toString("base64url").slice(0, 22)}"`;
      assets.set(name, {
        bytes,
        type: CONTENT_TYPES[name.split(".").at(-1) ?? ""] ?? "application/octet-stream",
        etag,
      });
    }
    if (!assets.has("/index.html")) throw new Error("webDir has no index.html");
    return new StaticApp(assets);
  }

  /** Answers GET and HEAD; undefined when there is no such file. The app has one page: everything else is in the fragment. */
  serve(request: Request): Response | undefined {
    const { pathname } = new URL(request.url);
    const name = pathname === "/" ? "/index.html" : pathname;
    const plain = this.#assets.get(name);
    if (plain === undefined) return undefined;
    const accepted = acceptedEncodings(request.headers.get("accept-encoding"));
    const [encoding, asset] = this.#best(name, accepted) ?? [undefined, plain];
    const headers: Record<string, string> = {
      "content-type": plain.type,
      "cache-control": HASHED.test(name) ? "public, max-age=31536000, immutable" : "no-cache",
      vary: "accept-encoding",
      etag: asset.etag,
    };
    if (request.headers.get("if-none-match") === asset.etag) return new Response(null, { status: 304, headers });
    if (encoding !== undefined) headers["content-encoding"] = encoding;
    headers["content-length"] = String(asset.bytes.length);
    return new Response(request.method === "HEAD" ? null : asset.bytes, { status: 200, headers });
  }

  #best(name: string, accepted: ReadonlySet<string>): readonly [string, Asset] | undefined {
    for (const [encoding, extension] of ENCODINGS) {
      const asset = accepted.has(encoding) ? this.#assets.get(`${name}.${extension}`) : undefined;
      if (asset !== undefined) return [encoding, asset];
    }
    return undefined;
  }
}

function acceptedEncodings(header: string | null): ReadonlySet<string> {
  const items = (header ?? "")
    .toLowerCase()
    .split(",")
    .map((item) =>
      item
        .trim()
        .split(";")
        .map((part) => part.trim()),
    );
  return new Set(items.filter(([, quality = ""]) => !UNWANTED.test(quality)).map(([name = ""]) => name));
}
